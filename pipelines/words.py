"""Words in both languages of the product, written side by side where a thing is declared."""


def words(en: str, zh: str) -> dict[str, str]:
    """The same words in English and Chinese, by language code."""
    return {"en": en, "zh": zh}
