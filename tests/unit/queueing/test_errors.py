import string
import unicodedata

from appliance.errors import DomainError
from appliance.queueing import errors

DIACRITICS = set("ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ")


def all_errors() -> list[type[errors.MotcuaError]]:
    return [
        one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.MotcuaError)
    ]


def test_keys_are_unique_and_dotted() -> None:
    keys = [one.key for one in all_errors() if one.__module__ == errors.__name__]
    assert len(keys) == len(set(keys))
    assert all("." in key for key in keys)


def test_every_refusal_is_a_domain_error_with_a_vietnamese_sentence() -> None:
    for one in all_errors():
        if one.__module__ != errors.__name__ or one is errors.QueueingError:
            continue
        assert issubclass(one, DomainError) or one is errors.HallRulesError
        assert set(one.template_vi.lower()) & DIACRITICS, one
        assert unicodedata.is_normalized("NFC", one.template_vi)
        assert one.template_vi.endswith(".")


def test_sentences_need_no_more_fields_than_are_given() -> None:
    for one in all_errors():
        if one.__module__ != errors.__name__ or one is errors.QueueingError:
            continue
        names = {name for _, name, _, _ in string.Formatter().parse(one.template + one.template_vi) if name}
        error = one(**dict.fromkeys(names, 1))
        assert error.vi()
