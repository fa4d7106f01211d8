"""What can be wrong with office.toml, in both languages: rule -> (English, Vietnamese).

The rule's name is stable and is what tests and screens look at. Names with a dot are ours; the others are
pydantic's own error types. Every sentence says what to write instead.
"""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # The file as a whole.
    "file.missing": (
        "no such file; start from a copy of office.example.toml",
        "không có tệp này; hãy bắt đầu từ bản sao của office.example.toml",
    ),
    "file.not_a_file": (
        "not a regular file; give the path of office.toml itself",
        "không phải là một tệp; hãy chỉ đúng đường dẫn của office.toml",
    ),
    "file.unreadable": (
        "cannot be read: {detail}; check its owner and mode",
        "không đọc được: {detail}; hãy kiểm tra chủ sở hữu và quyền của tệp",
    ),
    "file.too_large": (
        "larger than {limit} KiB; an office needs a few KiB, so this is another file",
        "lớn hơn {limit} KiB; cấu hình một văn phòng chỉ cần vài KiB, đây là tệp khác",
    ),
    "file.encoding": (
        "not UTF-8; save the file with the encoding UTF-8",
        "không phải UTF-8; hãy lưu tệp với bảng mã UTF-8",
    ),
    "toml.long_line": (
        "longer than {limit} characters; break the list over several lines",
        "dài hơn {limit} ký tự; hãy ngắt danh sách thành nhiều dòng",
    ),
    "toml.syntax": ("not TOML: {detail}", "sai cú pháp TOML: {detail}"),
    "toml.depth": (
        "tables or lists inside each other deeper than {limit}; no setting needs that",
        "bảng hoặc danh sách lồng nhau sâu hơn {limit} lớp; không mục nào cần như vậy",
    ),
    "more": (
        "{count} more problems are not shown; correct these first",
        "còn {count} lỗi nữa chưa hiện; hãy sửa các lỗi này trước",
    ),
    # Keys.
    "missing": ("is required; add it", "bắt buộc phải có; hãy thêm vào"),
    "key.unknown": ("unknown key; remove it", "không có mục này; hãy xóa đi"),
    "key.misspelled": ("unknown key; did you mean {nearest}?", "không có mục này; có phải là {nearest}?"),
    # Types and ranges.
    "bool_type": ("must be true or false, without quotes", "phải là true hoặc false, không có dấu nháy"),
    "int_type": ("must be a whole number, without quotes", "phải là số nguyên, không có dấu nháy"),
    "string_type": ("must be text in quotes", "phải là chữ trong dấu nháy"),
    "path_type": ("must be a path in quotes", "phải là đường dẫn trong dấu nháy"),
    "tuple_type": ("must be a list in [ ]", "phải là danh sách trong [ ]"),
    "dict_type": ("must be a table", "phải là một bảng"),
    "model_type": ("must be a table", "phải là một bảng"),
    "date_type": (
        "must be a date such as 2026-09-02, without quotes",
        "phải là ngày dạng 2026-09-02, không có dấu nháy",
    ),
    "greater_than_equal": ("must be at least {ge}", "phải từ {ge} trở lên"),
    "less_than_equal": ("must be at most {le}", "phải từ {le} trở xuống"),
    "string_too_long": ("must have at most {max_length} characters", "chỉ được tối đa {max_length} ký tự"),
    "too_short": ("must have at least {min_length} entries", "phải có ít nhất {min_length} mục"),
    "too_long": ("must have at most {max_length} entries", "chỉ được tối đa {max_length} mục"),
    "literal_error": ("use one of: {expected}", "hãy dùng một trong: {expected}"),
    # Forms.
    "form.id": (
        "use 1 to 32 letters A-Z a-z without accents, digits, _ or -",
        "hãy dùng 1 đến 32 chữ cái A-Z a-z không dấu, chữ số, _ hoặc -",
    ),
    "form.prefix": ("use one capital letter A to Z", "hãy dùng một chữ cái in hoa từ A đến Z"),
    "form.text": (
        "must be one line of visible text, not empty",
        "phải là một dòng chữ nhìn thấy được, không để trống",
    ),
    "form.path": (
        "must be an absolute path without '..', such as {example}",
        "phải là đường dẫn tuyệt đối, không có '..', ví dụ {example}",
    ),
    "form.socket": (
        "must be at most {limit} bytes: the kernel takes no longer socket path",
        "chỉ được tối đa {limit} byte: nhân Linux không nhận đường dẫn socket dài hơn",
    ),
    "form.mode": (
        'must be three octal digits such as "660", and nobody else may write (last digit 0)',
        'phải là ba chữ số bát phân như "660", và người khác không có quyền (chữ số cuối là 0)',
    ),
    "form.thumbprint": (
        "must be the 43 base64url characters of the center's root key; copy them from the provisioning sheet",
        "phải là 43 ký tự base64url của khóa gốc trung tâm; hãy chép từ phiếu cấp phát",
    ),
    "form.color": ('must be a color such as "#2e7d32"', 'phải là mã màu như "#2e7d32"'),
    "form.repeated": ("given twice in this list; remove one", "ghi hai lần trong danh sách này; hãy xóa bớt"),
    "url.form": (
        "must be an address such as https://center.example.vn, without user, query or fragment",
        "phải là địa chỉ như https://center.example.vn, không có tên người dùng, ? hoặc #",
    ),
    "url.insecure": (
        "must begin with https:// (http:// only for this machine itself)",
        "phải bắt đầu bằng https:// (http:// chỉ dùng cho chính máy này)",
    ),
    "url.page": (
        "must be an address such as http://10.77.0.1, without user, query or fragment",
        "phải là địa chỉ như http://10.77.0.1, không có tên người dùng, ? hoặc #",
    ),
    "form.host": (
        "must be a host name such as motcua.xa.example.vn, without http:// and port",
        "phải là tên máy như motcua.xa.example.vn, không có http:// và cổng",
    ),
    "web.certificate": (
        'tls = "file" needs both certificate and key; add it, or choose tls = "self"',
        'tls = "file" cần cả certificate và key; hãy thêm vào, hoặc chọn tls = "self"',
    ),
    "display.counter": (
        'page = "rating" needs the counter that is rated; add counter, or choose page = "hall"',
        'page = "rating" cần biết quầy được đánh giá; hãy thêm counter, hoặc chọn page = "hall"',
    ),
    # The public WiFi.
    "hotspot.interface": (
        "must be the name of a network interface, such as wlan0",
        "phải là tên giao diện mạng, ví dụ wlan0",
    ),
    "hotspot.ssid": (
        "must be visible text of at most {limit} bytes; letters with marks take up to three",
        "phải là chữ nhìn thấy được, tối đa {limit} byte; chữ có dấu chiếm đến ba byte",
    ),
    "hotspot.passphrase": (
        "must be 8 to 63 letters without accents, digits or signs",
        "phải có 8 đến 63 chữ cái không dấu, chữ số hoặc dấu",
    ),
    "hotspot.psk": (
        'security = "psk" needs a passphrase; add it, or choose "open"',
        'security = "psk" cần passphrase; hãy thêm vào, hoặc chọn "open"',
    ),
    "hotspot.country": ("must be two capital letters, such as VN", "phải là hai chữ cái in hoa, ví dụ VN"),
    "hotspot.subnet": (
        "must be a private IPv4 network of /16 to /28, such as 10.77.0.0/22",
        "phải là mạng IPv4 riêng từ /16 đến /28, ví dụ 10.77.0.0/22",
    ),
    "hotspot.prefix6": (
        "must be an IPv6 network of /64, such as fd77:6d63:7561::/64",
        "phải là mạng IPv6 /64, ví dụ fd77:6d63:7561::/64",
    ),
    "hotspot.network": (
        "must be a network such as 10.0.0.0/8, without bits behind its length",
        "phải là mạng như 10.0.0.0/8, không có bit nào sau độ dài",
    ),
    "hotspot.vlan": (
        'only valid with radio = "external"; remove it',
        'chỉ dùng khi radio = "external"; hãy xóa đi',
    ),
    "hotspot.wan": (
        "guests and the Internet may not be on one interface; give wan another, or guests a vlan",
        "khách và Internet không được chung một giao diện; hãy chọn wan khác, hoặc đặt vlan cho khách",
    ),
    "hotspot.quota_class": (
        "quota_class names none of these classes; use one of: {known}",
        "quota_class không phải một trong các lớp này; hãy dùng một trong: {known}",
    ),
    "hotspot.certificate": (
        "certificate and key belong together; give both or neither",
        "certificate và key đi cùng nhau; hãy ghi cả hai hoặc bỏ cả hai",
    ),
    "portal.terms": (
        "must be visible text, in lines",
        "phải là chữ nhìn thấy được, theo từng dòng",
    ),
    "portal.both": (
        "terms and terms_en belong together; give both or neither",
        "terms và terms_en đi cùng nhau; hãy ghi cả hai hoặc bỏ cả hai",
    ),
    # The policy by which sessions of the public WiFi are recorded.
    "retention.missing": (
        "no such file; put the province's policy there, or take retention_file out of office.toml",
        "không có tệp này; hãy chép tệp quy định của tỉnh vào đó, hoặc bỏ retention_file khỏi office.toml",
    ),
    "retention.not_a_file": (
        "not a regular file; give the path of the province's policy itself",
        "không phải là một tệp; hãy chỉ đúng đường dẫn tệp quy định của tỉnh",
    ),
    "retention.too_large": (
        "larger than {limit} KiB; a policy needs one, so this is another file",
        "lớn hơn {limit} KiB; tệp quy định chỉ cần khoảng 1 KiB, đây là tệp khác",
    ),
    "retention.key": (
        "not the province's key ({detail}); copy what `motcua center wifi-records keygen` printed",
        "không phải khóa của tỉnh ({detail}); chép đúng chuỗi do `motcua center wifi-records keygen` in ra",
    ),
    "retention.kid": (
        "not the thumbprint of x, which is {right}; one of the two was mistyped: copy both again",
        "không phải mã nhận dạng của x, lẽ ra là {right}; một trong hai bị gõ sai, hãy chép lại cả hai",
    ),
    "retention.until": (
        "before valid_from = {begins}; the last day must not be before the first",
        "trước valid_from = {begins}; ngày cuối không được trước ngày đầu",
    ),
    # Opening hours.
    "hours.form": (
        'write opening hours as "07:30-11:30, 13:30-17:00", or "" for a closed day',
        'hãy ghi giờ làm việc như "07:30-11:30, 13:30-17:00", hoặc "" nếu nghỉ cả ngày',
    ),
    "hours.order": (
        "{span} must end after it begins",
        "{span} phải kết thúc sau khi bắt đầu",
    ),
    "hours.overlap": (
        "{span} begins before the span ahead of it ends; write them in order, apart",
        "{span} bắt đầu trước khi khoảng trước kết thúc; hãy ghi theo thứ tự, không chồng nhau",
    ),
    "days.both": (
        "{day} is also in holidays; remove it from one of the two lists",
        "{day} cũng có trong holidays; hãy xóa khỏi một trong hai danh sách",
    ),
    # Upload schedule.
    "schedule.both": (
        "give either interval_s or cron, not both",
        "chỉ ghi một trong hai: interval_s hoặc cron",
    ),
    "schedule.cron": (
        'not a schedule ({detail}); write minute hour day month weekday, such as "15 */2 * * mon-fri"',
        'không phải lịch ({detail}); hãy ghi phút giờ ngày tháng thứ, ví dụ "15 */2 * * mon-fri"',
    ),
    "schedule.weekday": (
        "write weekdays by name, mon to sun: as a number, 0 is Sunday for some and Monday for others",
        "hãy ghi thứ bằng tên, mon đến sun: nếu ghi số, 0 nơi thì là Chủ nhật, nơi thì là thứ Hai",
    ),
    "schedule.never": (
        "no such date exists, so nothing would ever be sent",
        "không có ngày nào như vậy nên sẽ không bao giờ gửi",
    ),
    "schedule.jitter": (
        "must be at most half of interval_s ({interval_s})",
        "chỉ được tối đa một nửa interval_s ({interval_s})",
    ),
    # Across tables.
    "id.duplicate": ("already used by {first}; give each its own", "{first} đã dùng; mỗi mục phải khác nhau"),
    "prefix.duplicate": (
        "already used by {first}; two services may not share one series of numbers",
        "{first} đã dùng; hai dịch vụ không được dùng chung một dãy số",
    ),
    "service.unknown": (
        "no such service; use one of: {known}",
        "không có dịch vụ này; hãy dùng một trong: {known}",
    ),
    "service.unserved": (
        "no counter serves this service, so its tickets would wait for ever; add it to a counter's services",
        "không quầy nào phục vụ dịch vụ này nên số sẽ chờ mãi; hãy thêm vào services của một quầy",
    ),
    "counter.absent": (
        "no such counter; use one of: {known}",
        "không có quầy này; hãy dùng một trong: {known}",
    ),
    "priority.reserved": (
        '"none" means no priority; choose another id',
        '"none" nghĩa là không ưu tiên; hãy chọn mã khác',
    ),
    "bus.unknown": (
        "no such bus; use one of: {known}",
        "không có đường truyền này; hãy dùng một trong: {known}",
    ),
    "bus.none": (
        "there is no bus yet; add [[hardware.buses]] with this id",
        "chưa có đường truyền nào; hãy thêm [[hardware.buses]] với mã này",
    ),
    "bus.kind": (
        "bus {bus} is of kind {kind}; a keypad needs one of kind ff68",
        "đường truyền {bus} là loại {kind}; bàn phím gọi số cần loại ff68",
    ),
    "bus.address": (
        "already used by {first} on bus {bus}; give each device its own address",
        "{first} đã dùng trên đường truyền {bus}; mỗi thiết bị phải có địa chỉ riêng",
    ),
    "bus.modbus_unit": (
        "a Modbus unit is 1 to 247",
        "địa chỉ Modbus phải từ 1 đến 247",
    ),
    "bus.port": ("already used by {first}; one port, one bus", "{first} đã dùng; mỗi cổng một đường truyền"),
    "labels.count": (
        "has {count} entries for {levels} levels; give one for each, worst first",
        "có {count} mục cho {levels} mức; mỗi mức một mục, mức kém nhất trước",
    ),
    "late.places": (
        'has no effect unless late_position = "after_n"; remove one of the two',
        'chỉ có tác dụng khi late_position = "after_n"; hãy xóa một trong hai',
    ),
    "role.services": (
        "an office box needs at least one [[services]]; a hotspot or display box says so in role",
        "máy của văn phòng cần ít nhất một [[services]]; máy hotspot hoặc display phải ghi rõ ở role",
    ),
    "role.counters": (
        "an office box needs at least one [[counters]]; a hotspot or display box says so in role",
        "máy của văn phòng cần ít nhất một [[counters]]; máy hotspot hoặc display phải ghi rõ ở role",
    ),
    "pins.socket": (
        'only valid with pin_factory = "mock"',
        'chỉ dùng khi pin_factory = "mock"',
    ),
    "pins.board": (
        'needs a board: set hardware.board, or pin_factory = "none"',
        'cần có mạch: hãy đặt hardware.board, hoặc pin_factory = "none"',
    ),
    "pins.none": (
        'no buttons can be read with pin_factory = "none"; remove it or choose lgpio',
        'không đọc được nút bấm khi pin_factory = "none"; hãy xóa mục này hoặc chọn lgpio',
    ),
    "button.name": (
        'a button for numbers is called "issue.1" to "issue.99" on the board',
        'nút lấy số trên mạch có tên từ "issue.1" đến "issue.99"',
    ),
    "button.quotes": (
        'put the button\'s name in quotes: "issue.1" = "..."',
        'hãy đặt tên nút trong dấu nháy: "issue.1" = "..."',
    ),
    "button.absent": (
        "board {board} has no button {button}; it has: {known}",
        "mạch {board} không có nút {button}; mạch có: {known}",
    ),
    "button.duplicate": (
        "already used by {first}; one button, one meaning",
        "{first} đã dùng; mỗi nút một ý nghĩa",
    ),
    # Anything pydantic may say that is not listed above.
    "value": ("not accepted: {detail}", "giá trị không được chấp nhận: {detail}"),
}
