"""System calls by number, as code would make them that does not ask its C library."""

import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

_X86 = dict(
    mount=165, umount2=166, unshare=272, setns=308, clone=56, add_key=248, request_key=249, keyctl=250, ptrace=101,
    init_module=175, finit_module=313, delete_module=176, bpf=321, perf_event_open=298, io_uring_setup=425,
    userfaultfd=323, open_by_handle_at=304, name_to_handle_at=303, reboot=169, syslog=103, acct=163, mknodat=259,
    process_vm_readv=310, pidfd_open=434, pidfd_getfd=438, fsopen=430, open_tree=428, move_mount=429, kcmp=312,
    clone3=435, quotactl=179, swapon=167, mount_setattr=442, lookup_dcookie=212, pivot_root=155, setpriority=141,
    iopl=172,
)  # fmt: skip
_ARM = dict(
    mount=40, umount2=39, unshare=97, setns=268, clone=220, add_key=217, request_key=218, keyctl=219, ptrace=117,
    init_module=105, finit_module=273, delete_module=106, bpf=280, perf_event_open=241, io_uring_setup=425,
    userfaultfd=282, open_by_handle_at=265, name_to_handle_at=264, reboot=142, syslog=116, acct=89, mknodat=33,
    process_vm_readv=270, pidfd_open=434, pidfd_getfd=438, fsopen=430, open_tree=428, move_mount=429, kcmp=272,
    clone3=435, quotactl=60, swapon=224, mount_setattr=442, lookup_dcookie=18, pivot_root=41, setpriority=140,
)  # fmt: skip
NUMBERS = _ARM if platform.machine() == "aarch64" else _X86


def call(name, *arguments):
    """The result.

    Raises OSError as the kernel says it.
    """
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *[_word(a) for a in arguments])
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), name)
    return result


def _word(argument):
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def refused_with(name, arguments, error):
    """Whether the kernel got as far as this complaint: past the check of who asks."""
    try:
        call(name, *arguments)
        return True
    except OSError as e:
        if e.errno == error:
            return True
        raise
