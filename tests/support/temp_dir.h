// A folder for one test, removed with everything in it afterwards.
#pragma once

#include <filesystem>

namespace k3fleet::support {

class TempDir {
public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace k3fleet::support
