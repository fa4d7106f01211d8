"""The card's layout is for the life of a box: changing it is a decision, not an accident."""

import itertools
from pathlib import Path

import verify

from provisioning.image import layout, texts
from provisioning.image.layout import BOOT, DATA, PARTITIONS, ROOT_A, ROOT_B, genimage_config, offset_mib


def test_places_and_sizes():
    assert [(part.name, offset_mib(part), part.size_mib) for part in PARTITIONS] == [
        ("boot", 4, 256),
        ("root-a", 260, 1536),
        ("root-b", 1796, 1536),
        ("data", 3332, 256),
    ]


def test_partitions_touch_and_do_not_overlap():
    for part, following in itertools.pairwise(PARTITIONS):
        assert offset_mib(part) + part.size_mib == offset_mib(following)
        assert offset_mib(part) % layout.ALIGN_MIB == 0


def test_an_mbr_holds_them_and_data_is_last_so_that_it_can_grow():
    assert [part.number for part in PARTITIONS] == [1, 2, 3, 4]
    assert PARTITIONS[-1] is DATA


def test_both_roots_are_alike():
    assert (ROOT_A.size_mib, ROOT_A.kind) == (ROOT_B.size_mib, ROOT_B.kind)
    assert not ROOT_B.is_filled


def test_what_the_kernel_calls_them():
    assert ROOT_A.partuuid == "6d6f7463-02"
    assert DATA.partuuid == "6d6f7463-04"


def test_genimage_is_told_all_of_it():
    text = genimage_config("motcua-office.img")
    assert text.startswith("image motcua-office.img {")
    assert text.count("\tpartition ") == 4
    assert text.count("image = ") == 3
    assert 'image = "root-b' not in text
    assert "disk-signature = 0x6d6f7463" in text
    assert f"offset = {offset_mib(DATA)}M" in text
    assert text.count("{") == text.count("}")


def test_the_data_has_a_second_superblock_before_it_grows():
    group_mib = 8 * 4096 * 4096 >> 20  # as many blocks as one block of the bitmap has bits
    assert DATA.size_mib > group_mib


def test_the_data_is_looked_at_as_the_replayed_power_cuts_are():
    root = Path(texts.__file__).parents[2]
    (dropin,) = (root / "systemd/systemd-fsck@.service.d").glob("*.conf")
    told = [line for line in dropin.read_text("utf-8").splitlines() if line.startswith("Exec")]
    assert told == [f"ExecStartPre=-/usr/sbin/e2fsck {words} %f" for words in verify.BEFORE]
    assert mounts()["/data"][4:] == ["0", "2"]
    assert [row[5] for row in mounts().values()].count("0") == len(mounts()) - 1


def mounts():
    return {row[1]: row for row in (line.split() for line in texts.fstab().splitlines())}


def test_nothing_is_written_but_memory_and_the_data_partition():
    writable = {
        where for where, row in mounts().items() if row[2] != "none" and "ro" not in row[3].split(",")
    }
    assert writable == {"/data", "/var"}
    assert mounts()["/var"][2] == "tmpfs"
    assert mounts()["/"][0] == f"PARTUUID={ROOT_A.partuuid}"


def test_what_is_kept_is_on_the_data_partition():
    assert mounts()["/var/lib/motcua"][0] == "/data/motcua"
    assert mounts()["/etc/motcua"][0] == "/data/settings"
    assert all(mounts()[where][0].startswith("/data/") for where in texts.KEPT.values())
    assert "x-systemd.growfs" in mounts()["/data"][3]


def test_the_kernel_is_told_where_the_root_is_and_to_mend_what_a_power_cut_left():
    words = texts.kernel_command_line().split()
    assert {f"root=PARTUUID={ROOT_A.partuuid}", "ro", "fsck.repair=yes", "rootwait"} <= set(words)
    assert texts.kernel_command_line(ROOT_B).count("6d6f7463-03") == 1


def test_the_header_s_serial_port_is_left_to_the_devices():
    assert "ttyS" not in texts.kernel_command_line()


def test_the_first_stage_finds_kernel_and_initrd():
    lines = texts.firmware_config().splitlines()
    assert f"kernel={texts.KERNEL}" in lines
    assert f"initramfs {texts.INITRD} followkernel" in lines
    assert "arm_64bit=1" in lines
    assert BOOT.kind == layout.FAT
