// A name service module that ends whoever loads it: it stands for the modules of a newer system (myhostname,
// mdns4_minimal, resolve), which end a static program with SIGFPE because they belong to another glibc.
// Needs no library itself, so that it can be loaded from a folder that holds nothing else.
namespace {

__attribute__((constructor)) void loaded() { __builtin_trap(); }

}  // namespace
