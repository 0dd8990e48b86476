// See temp_dir.h.
#include "tests/support/temp_dir.h"

#include <stdlib.h>

#include <string>
#include <system_error>

namespace k3fleet::support {

TempDir::TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "k3fleet-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
}

TempDir::~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace k3fleet::support
