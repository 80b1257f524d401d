"""Cells that are nearly what the contract asks for: each has misled some parser."""

# ruff: noqa: RUF001 - letters and digits that look like others are what it is about


def foreign(digits: str, zero: str) -> str:
    """Write ASCII digits in another script, whose digits begin at `zero`."""
    return "".join(chr(ord(zero) + int(d)) if d.isdigit() else d for d in digits)


def wrong_numbers(digits: int) -> list[str]:
    """Cells that are no price or units of so many digits before the point."""
    return [
        *("0", "0.000", "-0", "-0.0", "-1", "+5", "1,000", "1,5", "1.000,5", "1.2.3", ".5"),
        *("5.", "NaN", "nan", "Infinity", "-Infinity", "inf", "1e309", "1E5", "1e-5", "1d"),
        *("1" + "0" * digits, "9" * 60, "0x10", "0b1", "1_000", "1 000", "$1", "1%", "- 1"),
        *("1." + "3" * 199, "1/2", "--", ".", "-", foreign("15", "٠"), "１.５", "1٫5", "½"),
    ]


NEAR_MISSES = {
    "site_id": [
        "Brasil",
        "BRАSIL",
        "MÉXICO",
        "MEXICO\u200d",
        "ARGENTINA;",
        "ＢＲＡＳＩＬ",
        "BR ASIL",
    ],
    "user_id": [
        *("0", "-0", "-1", "+5", "1.0", "1e3", "1_000", "1,000", "0x1F", "NaN", "--1", "1-"),
        *("9223372036854775808", "-9223372036854775808", "-9223372036854775809", "99" * 60),
        *("0" * 200 + "1", "1 2", foreign("12", "٠"), foreign("12", "०"), "１", "²", "O1", "1l"),
    ],
    "purchase_date": [
        *("31/2/2025", "29/2/2025", "29/2/2024", "0/1/2026", "1/0/2026", "32/1/2025", "1/13/2025"),
        *("8/3/2025abc", "8-3-2025", "8.3.2025", "2025-03-08", "2025/3/8", "8/3/25", "8/3/20255"),
        *("8/3/02025", "008/3/2025", "8/003/2025", "8/3/2031", "8/3/2019", "31/12/2030", "8/3"),
        *("8 /3/2025", "8/3/2025 00:00", "-8/3/2025", "8/Mar/2025", "infinity", "today", "epoch"),
        *(foreign("8/3/2025", "٠"), foreign("8/3/2025", "０"), "8∕3∕2025", "8/3/2O25"),
        *("1/1/1970", "31/12/1969", "01/01/1900", "2/1/1970"),
        "8/3/2025" + " " * 40 + "x",
    ],
    "crypto_type": ["btc", "BTC.", "ВТС", "ЕТН", "USDC\u0301", "USD", "ＥＴＨ"],
    "purchase_price": wrong_numbers(14),
    "purchase_units": wrong_numbers(10),
}

WRONG_AROUND = ["\n", "\r", "\ufeff", "\u3000", "\u2003", "'", '"', "\\", "\v"]
"""What is no blank, though it may look like one."""

SURPRISES = [
    *(None, "", " ", "\t\u00a0 ", "\\.", "\\N", "NULL", "\ufeff", '"', "a\nb", "\u200b"),
    *(letter * 50_000 for letter in ("x", "9", "é", "\U0001f600")),
]
