"""Chinese numerals as official papers number weeks and entries: 一, 十, 十一, 二十, 一百零一."""

DIGITS = "零一二三四五六七八九"


def zh_number(number: int) -> str:
    """Write `number` (1 to 999) in Chinese; raise ValueError beyond, rather than print a wrong entry number."""
    if not 1 <= number <= 999:
        raise ValueError(f"no Chinese numeral for {number}: 1 to 999 only")
    return _below_hundred(number) if number < 100 else _hundreds(*divmod(number, 100))


def _below_hundred(number: int) -> str:
    """10 is 十 and 11 is 十一, never 一十: so the forms count."""
    tens, ones = divmod(number, 10)
    return (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (DIGITS[ones] if ones else "")


def _hundreds(hundreds: int, rest: int) -> str:
    """After 百 an empty place is read 零 and ten is 一十: 一百零一, 一百一十."""
    link = "零" if 0 < rest < 10 else "一" if 10 <= rest < 20 else ""
    return DIGITS[hundreds] + "百" + link + _below_hundred(rest)
