"""A card that the last start did not take: the office goes on as it was set up before."""

from appliance.health.facts import Facts, Issue

SHOWN = 3


def check(facts: Facts) -> Issue | None:
    """Return an issue when the first start left word that the card was refused."""
    if not facts.mistakes:
        return None
    rest = len(facts.mistakes) - SHOWN
    english = "; ".join(f"{each.place}: {each.message}" for each in facts.mistakes[:SHOWN])
    vietnamese = "; ".join(f"{each.place}: {each.message_vi}" for each in facts.mistakes[:SHOWN])
    more, more_vi = (f"; and {rest} more", f"; và {rest} điểm khác") if rest > 0 else ("", "")
    return Issue(
        "card_refused",
        "",
        f"the card was not taken, the office goes on as it was set up before ({english}{more}): correct the "
        "card in a computer, put it back and start the box again",
        f"Thẻ chưa được nhận, văn phòng vẫn chạy theo cấu hình cũ ({vietnamese}{more_vi}): sửa thẻ trên máy "
        "tính, cắm lại rồi bật lại thiết bị",
        recorded=False,
    )
