"""A journal that is not there or cannot be read."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("journal", "journal", "nhật ký sự kiện")


def check(box: Box) -> Finding:
    """Look whether every epoch can be read; the chain itself is ``motcua journal verify``'s."""
    epochs = box.holdings.epochs
    current = [held for held in epochs if held.is_current]
    if not current:
        return CONDITION.warning(
            Both("nothing is recorded yet", "chưa ghi sự kiện nào"),
            Both("start motcua-office once", "khởi động motcua-office một lần"),
        )
    damaged = [held for held in epochs if held.damage is not None]
    if damaged:
        return CONDITION.broken(
            Both(f"epoch {damaged[0].epoch} cannot be read", f"không đọc được thời kỳ {damaged[0].epoch}"),
            Both(
                "keep the card, copy the data directory, run motcua journal verify on the copy",
                "giữ nguyên thẻ nhớ, chép thư mục dữ liệu, chạy motcua journal verify trên bản chép",
            ),
        )
    now = current[-1]
    return CONDITION.well(
        Both(
            f"events {now.first} to {now.last}, {len(epochs)} epochs",
            f"sự kiện {now.first} đến {now.last}, {len(epochs)} thời kỳ",
        )
    )
