"""What only some places may call: clocks, chance, the environment, name look-ups, output, exceptions."""

import re

from source import Finding, is_test

LOCAL = r"src/adapters/local/|src/[a-z]+/main\.cc$"

# The exceptions, each with its reason:
# a log line carries the time it was written, and NO_COLOR is meant for whoever writes to a terminal;
LOG = r"|src/base/log\.cc$"
# a front end's host.cc is where main gets its variables from;
HOST = r"|src/[a-z]+/host\.cc$"
# yaml-cpp's event handlers can stop the parser in no other way; caught in the same file.
YAML = r"src/base/yaml\.cc$"

# (rule, pattern, where it applies, where it is allowed all the same, problem, remedy)
BANS = [
    ("clock",
     r"\b(?:system|steady|high_resolution)_clock\s*::\s*now\b|\b(?:gettimeofday|clock_gettime|timespec_get)\b"
     r"|\btime\s*\(\s*(?:NULL|nullptr|0)\s*\)",
     r"src/", LOCAL + LOG, "reads a clock", "take the time as an argument or ask ports::Clock"),
    ("random",
     r"\bs?rand\s*\(|\brandom_device\b|\bmt19937(?:_64)?\b|\bgetrandom\b|\bgetentropy\b|\barc4random\b"
     r"|\bRAND_bytes\b",
     r"src/", LOCAL + r"|src/base/crypto\.cc$", "draws from a generator that no seed of ours controls",
     "use base/prng.h with a seed, or ports::Random for secrets"),
    ("environment", r"\b(?:secure_)?getenv\b|\b(?:setenv|putenv|unsetenv)\b|\benviron\b",
     r"src/", LOCAL + LOG + HOST, "touches the environment", "read it in main and pass the value on"),
    ("sleep",
     r"\bthis_thread\s*::\s*sleep_(?:for|until)\b|\busleep\s*\(|(?<![.>_])\bsleep\s*\(|\bnanosleep\b",
     r"src/", LOCAL, "sleeps", "wait on ports::Clock, so that tests and the simulator need not"),
    ("name-lookup",
     r"\bgetaddrinfo\b|\bgethostby\w+\b|\bgetnameinfo\b|\b(?:tcp|udp)\s*::\s*resolver\b|\b__nss_\w+",
     r"src/", r"src/net/", "resolves names outside src/net",
     "go through net: a static glibc crashes on a newer system's nsswitch.conf"),
    ("output", r"\bstd\s*::\s*(?:cout|cerr|clog)\b|\b(?:f|v|vf)?printf\s*\(|\bf?put[sc]\s*\(|\bputchar\s*\(",
     r"src/(?:core|ports|net|adapters|app)/", r"(?!)", "writes to the terminal",
     "return the value: front ends print, base/log logs"),
    ("throw", r"\bthrow\b", r"src/", YAML, "throws", "return a Result (base/result.h)"),
    ("pure-core",
     r"\bstd\s*::\s*(?:jthread|thread|async|mutex|shared_mutex|atomic\w*|condition_variable\w*|future|promise"
     r"|i?fstream|ofstream|filesystem)\b|\bthread_local\b|\blog\s*::\s*(?:debug|info|warn|error|write)\b"
     r"|\bf(?:open|read|write)\s*\(",
     r"src/core/", r"(?!)", "core has I/O, a thread or a log line",
     "values in, values out: do it in app, behind a port"),
    ("unordered", r"\bunordered_(?:flat_|node_)?(?:multi)?(?:map|set)\b",
     r"src/core/", r"(?!)", "an unordered container in core: its order can reach a plan",
     "use std::map, std::set or a sorted vector"),
    ("coroutine", r"\bco_(?:await|yield|return)\b", r"src/", r"(?!)", "a coroutine",
     "g++ 12's are an early implementation: write a blocking call"),
]

IMPURE_HEADERS = {
    "thread", "mutex", "shared_mutex", "future", "atomic", "condition_variable", "fstream", "iostream",
    "filesystem", "random", "cstdio", "unistd.h", "stdio.h", "ctime",
}


def ban(rule, pattern, applies, allowed, problem, remedy):
    compiled = re.compile(pattern)

    def check(tree, _options):
        for file in tree.cpp("src/"):
            if is_test(file.path) or not re.match(applies, file.path) or re.match(allowed, file.path):
                continue
            for number, line in enumerate(file.code, 1):
                match = compiled.search(line)
                if match:
                    yield Finding(file.path, number, rule, f"`{match.group(0).strip()}` {problem}", remedy)
            if rule == "pure-core":
                yield from impure_includes(file, remedy)

    check.__doc__ = f"Not allowed: {problem}."
    return check


def impure_includes(file, remedy):
    for number, name, quoted in file.includes():
        if not quoted and name in IMPURE_HEADERS:
            yield Finding(file.path, number, "pure-core", f"core includes <{name}>", remedy)


RULES = {entry[0]: ban(*entry) for entry in BANS}
