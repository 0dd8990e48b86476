// The control of the name service test: a static program that asks glibc for an address, and so must fall
// into the trap. If it does not, the trap is not set and the test shows nothing.
#include <netdb.h>

int main(int argc, char** argv) {
    addrinfo* found = nullptr;
    return argc == 2 && getaddrinfo(argv[1], "80", nullptr, &found) == 0 ? 0 : 1;
}
