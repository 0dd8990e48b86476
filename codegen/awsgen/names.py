"""C++ names for the names of AWS's models: the same model always gives the same names."""

import re

# What the general rule below would cut in the wrong place.
WHOLE_WORDS = (
    "IPv4", "IPv6", "CRC32C", "CRC64NVME", "ETag", "SSE", "[Vv]Cpus?", "vCPUs?", "GiB", "MiB", "KiB",
)

WORD = re.compile(
    "|".join(WHOLE_WORDS)
    + r"""|[A-Z]{2,}s(?![a-z])[0-9]*    # ARNs, VPCs
        |[A-Z]+(?![a-z])[0-9]*          # KMS, S3, the DB of DBName
        |[A-Z]?[a-z]+[0-9]*             # Name, sha256
        |[0-9]+""",
    re.VERBOSE,
)

KEYWORDS = frozenset("""
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t
    class compl concept const consteval constexpr constinit const_cast continue co_await co_return
    co_yield decltype default delete do double dynamic_cast else enum explicit export extern false float
    for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq
    private protected public register reinterpret_cast requires return short signed sizeof static
    static_assert static_cast struct switch template this thread_local throw true try typedef typeid
    typename union unsigned using virtual void volatile wchar_t while xor xor_eq
""".split())

# Macros of the C library, of unistd.h and of compilers.
MACROS = frozenset("assert errno linux major makedev minor stderr stdin stdout unix".split())

# What the generated namespaces see of k3fleet::aws and k3fleet: a shape must not hide it.
TYPES_IN_SCOPE = frozenset("""
    Acceptor Access Api Boxed CallOptions Duration Error ErrorShape Flag Kind List ListAccess Location Map
    MapAccess Member Operation PageToken Pagination Protocol Repeat Request Response Result Secret Service
    Status Timestamp TimestampFormat Type Value WaitState Waiter
""".split())


def words(name):
    """The words of a name, as written: DBName -> DB, Name."""
    return WORD.findall(name)


def snake_case(name):
    """VpcId -> vpc_id, DBName -> db_name, KMSKeyId -> kms_key_id, IPv6Addresses -> ipv6_addresses."""
    joined = "_".join(word.lower() for word in words(name)) or "value"
    return "n" + joined if joined[0].isdigit() else joined


def pascal_case(name):
    """A shape's name as a type's: its letters kept, the first one upper-cased."""
    kept = re.sub(r"[^0-9A-Za-z]", "", name) or "Shape"
    return ("N" if kept[0].isdigit() else "") + kept[0].upper() + kept[1:]


def constant(value):
    """The value of an enumeration as a constant: pending-reboot -> kPendingReboot, PENDING -> kPending."""
    parts = re.findall(r"[0-9A-Za-z]+", value) or ["Empty"]
    if not any(char.islower() for char in value):
        parts = [part.capitalize() for part in parts]
    name = "k"
    for part in parts:
        name += ("_" if part[0].isdigit() and name[-1].isdigit() else "") + part[0].upper() + part[1:]
    return name


def legal(name):
    """The name, or with an underscore behind it where C++ keeps it for itself."""
    return name + "_" if name in KEYWORDS or name in MACROS else name


class Scope:
    """Names given so far in one place. Who comes first keeps the name; then NAME2, NAME3."""

    def __init__(self, reserved=(), fold_case=False):
        self._fold = str.lower if fold_case else str
        self._taken = {self._fold(name) for name in reserved}

    def __contains__(self, name):
        return self._fold(name) in self._taken

    def take(self, name, separator=""):
        chosen, number = name, 2
        while self._fold(chosen) in self._taken:
            chosen, number = f"{name.rstrip('_')}{separator}{number}", number + 1
        self._taken.add(self._fold(chosen))
        return chosen
