"""PDFs made by hand, as small as they can be."""

from __future__ import annotations

import io

from pypdf import PdfWriter

FONT = "/Resources << /Font << /F1 3 0 R >> >>"


def pdf_of(*pages: str) -> bytes:
    """Make a PDF with a line of text on each page; "" makes a page without any."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        content = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET" if text else ""
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents {5 + 2 * number} 0 R {FONT} >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1"))
    table = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode())
    return out.getvalue()


def encrypted(data: bytes, *, reader: str) -> bytes:
    """Lock a PDF: for changing always, for reading too unless that password is empty."""
    writer = PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(user_password=reader, owner_password="owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
