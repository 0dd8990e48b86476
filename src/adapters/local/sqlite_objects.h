// Named blobs in SQLite, with the same limits on names as a bucket has, so that what works here works there.
#pragma once

#include "adapters/local/database.h"
#include "ports/objects.h"

namespace k3fleet::local {

class SqliteObjects final : public ports::Objects {
public:
    explicit SqliteObjects(Database& database) : database_(database) {}

    Result<std::optional<ports::Object>> get(const std::string& key) override;
    Result<std::string> put(const std::string& key, std::string_view data,
                            const ports::Condition& condition) override;
    Result<std::vector<std::string>> list(const std::string& prefix, const std::string& after,
                                          int limit) override;
    Status remove(const std::string& key) override;

private:
    Database& database_;
};

}  // namespace k3fleet::local
