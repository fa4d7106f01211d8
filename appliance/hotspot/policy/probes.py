"""The names by which phones and computers find out that there is a portal.

Before login they lead to the portal, whose redirect to itself says that it is one; afterwards they are the
Internet's. None of them may be in the walled garden: the phone would believe that it is online.
"""

from typing import Final

NAMES: Final = (
    # iOS, macOS
    "captive.apple.com",
    "www.apple.com",
    # Android, ChromeOS
    "connectivitycheck.gstatic.com",
    "connectivitycheck.android.com",
    "clients3.google.com",
    "play.googleapis.com",
    "www.google.com",
    # Xiaomi, Huawei, Oppo, vivo
    "connect.rom.miui.com",
    "connectivitycheck.platform.hicloud.com",
    "conn1.oppomobile.com",
    "conn2.oppomobile.com",
    "wifi.vivo.com.cn",
    # Windows
    "www.msftconnecttest.com",
    "ipv6.msftconnecttest.com",
    "www.msftncsi.com",
    # Firefox
    "detectportal.firefox.com",
    # NetworkManager: GNOME, Debian, Ubuntu
    "nmcheck.gnome.org",
    "network-test.debian.org",
    "connectivity-check.ubuntu.com",
    # Kindle
    "spectrum.s3.amazonaws.com",
)
