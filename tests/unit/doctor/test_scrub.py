import pytest

from appliance.doctor.bundle.scrub import Scrubber

SUBJECT = Scrubber(["Lò Thị Lan", "s3cret-thing"])


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("link dc:a6:32:01:02:03 up", "link <mac> up"),
        ("renamed to enxb827eb123456", "renamed to enx<mac>"),
        ("from 203.0.113.9:41000, via 10.0.0.1.", "from <ipv4>:41000, via <ipv4>."),
        ("at http://192.168.1.7/x and 127.0.0.1", "at http://<ipv4>/x and 127.0.0.1"),
        ("2001:db8::7 and [fe80::1%eth0] and ::1", "<ipv6> and [<ipv6>%eth0] and ::1"),
        ("at 12:34:56 of 2026-11-25T08:31:00Z", "at 12:34:56 of 2026-11-25T08:31:00Z"),
        ("version 6.12.48 and 1.2.3", "version 6.12.48 and 1.2.3"),
        ("said s3cret-thing to Lò Thị Lan", "said <masked> to <masked>"),
        ("$argon2id$v=19$m=19456,t=2,p=1$abc$def end", "<masked> end"),
        ("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----", "<masked>"),
        ("eyJhbGciOiJFZDI1NTE5In0.eyJhIjoxfQ.c2ln", "<masked>"),
    ],
)
def test_addresses_and_secrets_go_from_every_text(text, scrubbed):
    assert SUBJECT.plain(text) == scrubbed


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("GET /t/A12-Zm9vYmFyYmF6cXV4 HTTP/1.1", "GET /t/<token> HTTP/1.1"),
        ("token A12-Zm9vYmFyYmF6cXV4.", "token <token>."),
        ("cookie kJ8sD7fGh2LqWe4RtYuI", "cookie <token>"),
        ("digest 0123456789abcdef0123456789abcdef", "digest <hex>"),
        ("boot 0f9d4f2e-8d3a-4b64-9d58-4d3f0cbb3a11", "boot 0f9d4f2e-8d3a-4b64-9d58-4d3f0cbb3a11"),
        ("usb 1-1: SerialNumber: A50285BI", "usb 1-1: SerialNumber: <serial>"),
        ("/kiosk?name=lan", "/kiosk?<query>"),
        (
            "StorageNotMeasuredError in motcua-public.socket",
            "StorageNotMeasuredError in motcua-public.socket",
        ),
    ],
)
def test_tokens_go_from_texts_of_programs(text, scrubbed):
    assert SUBJECT.text(text) == scrubbed


@pytest.mark.parametrize(
    ("line", "scrubbed"),
    [
        (
            '2026-11-25T08:31:00+0700 motcua[7]: level=info event=a.b host=10.0.0.7 reason="Address in use"',
            '2026-11-25T08:31:00+0700 motcua[7]: level=info event=a.b host=<masked> reason="Address in use"',
        ),
        ("level=info event=config.applied officer=lan", "level=info event=config.applied officer=<masked>"),
        (
            'level=error event=x reason="bad value \\"muon khieu nai\\" here"',
            'level=error event=x reason="bad value <text> here"',
        ),
        (
            "level=error event=x reason=\"input_value='hello there', input_type=str\"",
            'level=error event=x reason="input_value=<text>, input_type=str"',
        ),
        ('level=error event=x detail="Tôi không hài lòng"', 'level=error event=x detail="<text>"'),
        (
            'level=error event=x exception="\\nFile \\"/opt/m/a.py\\", line 7, in f\\n  x\\nValueError: Ann"',
            'level=error event=x exception="File "/opt/m/a.py", line 7, in f | ValueError"',
        ),
        ("Started motcua-office.service.", "Started motcua-office.service."),
        ("Người dân viết thế này", "<text>"),
        ('  File "/opt/m/a.py", line 7, in f', 'File "/opt/m/a.py", line 7, in f'),
        ("said 'I am Ann' and don't", "said <text> and don't"),
        ("said 'I don't like Ann' to us", "said <text> to us"),
        ('said "I don\'t like Ann" to us', "said <text> to us"),
        ('refused "hall.ratio" and "two words"', 'refused "hall.ratio" and <text>'),
        ("torn 'in the middle of", "torn <text>"),
    ],
)
def test_logs_keep_the_words_of_programs_only(line, scrubbed):
    assert SUBJECT.log(line) == f"{scrubbed}\n"
