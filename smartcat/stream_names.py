"""Names and ARNs of Kinesis streams and of their consumers: the one place that takes them apart. Text only.

Source: the shapes StreamName, StreamARN, ConsumerName and ConsumerARN of the Kinesis API.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = r"[a-zA-Z0-9_.-]{1,128}"
# The partition is aws, aws-cn, aws-us-gov or another that begins so; the number behind the name of a consumer
# is its time of creation.
_ARN: Final = re.compile(
    r"(?P<stream_arn>arn:aws(?:-[a-z0-9-]+)?:kinesis:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12})"
    rf":stream/(?P<name>{_NAME}))(?:/consumer/(?P<consumer>{_NAME}):[0-9]+)?"
)
_ONLY_NAME: Final = re.compile(_NAME)


@dataclass(frozen=True, slots=True)
class StreamReference:
    """A stream, as it was named.

    Attributes:
        name: 1 to 128 letters, digits, dots, hyphens and underscores.
        arn: ARN of the stream, without the consumer; "" where it was named by its name alone.
        region: Region in the ARN; "" without one.
        account: Account in the ARN, 12 digits; "" without one.
        consumer: Name of the consumer with enhanced fan-out that the ARN is of; "" for the stream itself.
    """

    name: str
    arn: str = ""
    region: str = ""
    account: str = ""
    consumer: str = ""

    @property
    def request(self) -> dict[str, str]:
        """The parameter by which a request of the Kinesis API names the stream."""
        return {"StreamARN": self.arn} if self.arn else {"StreamName": self.name}


def parse_stream(text: str) -> StreamReference:
    """Return the stream that a name, an ARN of a stream, or an ARN of one of its consumers stands for.

    Args:
        text: ``NAME``, ``arn:aws:kinesis:REGION:ACCOUNT:stream/NAME``, or the same and
            ``/consumer/CONSUMER:NUMBER``; the partition may be another one.

    Raises:
        ValueError: It is none of these; the message quotes it.
    """
    if arn := _ARN.fullmatch(text):
        return StreamReference(
            arn["name"], arn["stream_arn"], arn["region"], arn["account"], arn["consumer"] or ""
        )
    if _ONLY_NAME.fullmatch(text):
        return StreamReference(text)
    raise ValueError(
        "expected the name of a Kinesis stream (1 to 128 letters, digits, '.', '-' or '_') or its ARN"
        f" (arn:aws:kinesis:REGION:ACCOUNT:stream/NAME), found {text!r}"
    )
