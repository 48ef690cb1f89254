from __future__ import annotations

import pytest

from smartcat.training.corpus.unspaced_scripts import is_unspaced

UNSPACED = {
    "Chinese": "本合同自双方签字之日起生效",
    "Japanese": "この契約は署名の日から効力を生じる",
    "Thai": "สัญญานี้มีผลตั้งแต่วันที่ลงนาม",
    "Khmer": "កិច្ចសន្យានេះចូលជាធរមានចាប់ពីថ្ងៃចុះហត្ថលេខា",
    "Lao": "ສັນຍານີ້ມີຜົນບັງຄັບໃຊ້ນັບແຕ່ມື້ເຊັນ",
    "Burmese": "ဤစာချုပ်သည်လက်မှတ်ရေးထိုးသည့်နေ့မှစတင်အာဏာတည်သည်",
}
SPACED = {
    "English": "This contract takes effect on the day of signature, see 4711",
    "German": "Dieser Vertrag gilt ab dem Tag der Unterschrift für die Größe",
    "Korean": "이 계약은 서명한 날부터 효력이 발생한다",
    "Hindi": "यह अनुबंध हस्ताक्षर की तारीख से प्रभावी होता है",
    "Arabic": "يسري هذا العقد من تاريخ التوقيع",
    "Russian": "Договор вступает в силу со дня подписания",  # noqa: RUF001 - Russian has these letters
    "nothing": "",
    "figures": "12.345,67 € — 2024",
}


@pytest.mark.parametrize("language", UNSPACED)
def test_scripts_without_spaces_are_recognised(language: str) -> None:
    """Also with a name or a number in Latin letters among the text."""
    assert is_unspaced([UNSPACED[language]])
    assert is_unspaced(["smartcat 2024", UNSPACED[language] * 3])


@pytest.mark.parametrize("language", SPACED)
def test_scripts_with_spaces_are_not(language: str) -> None:
    """Also with a word of another script among the text."""
    assert not is_unspaced([SPACED[language]])
    assert not is_unspaced([SPACED["English"] * 3, UNSPACED["Chinese"]])
