// Objects that never change under their key, read from the bucket once: each tick writes what it saw as the
// difference to a whole case of the last hour, which a function that stays warm has written or read before.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>

#include "ports/objects.h"

namespace k3fleet::aws {

class RememberingObjects final : public ports::Objects {
public:
    // `inner` must outlive this. Objects whose key begins with `prefix` are written by one who names them
    // after their content. What was used least recently is forgotten beyond `max_bytes`: some dozen recorded
    // cases, as they are stored packed, fit into what it is by itself.
    explicit RememberingObjects(ports::Objects& inner,
                                std::string prefix = std::string(ports::kNamedByContent),
                                std::size_t max_bytes = std::size_t{2} << 20U)
        : inner_(inner), prefix_(std::move(prefix)), max_bytes_(max_bytes) {}

    // Thread-safe, all of them, if `inner` is.
    Result<std::optional<ports::Object>> get(const std::string& key) override;
    Result<std::string> put(const std::string& key, std::string_view data,
                            const ports::Condition& condition) override;
    Result<std::vector<std::string>> list(const std::string& prefix, const std::string& after,
                                          int limit) override;
    Status remove(const std::string& key) override;

private:
    struct Kept {
        std::string key;
        ports::Object object;
    };

    bool is_fixed(const std::string& key) const { return key.starts_with(prefix_); }
    void keep(const std::string& key, ports::Object object);
    void forget(const std::string& key);

    ports::Objects& inner_;
    std::string prefix_;
    std::size_t max_bytes_;
    std::mutex mutex_;
    std::list<Kept> kept_;  // Used last in front.
    std::size_t bytes_ = 0;
};

}  // namespace k3fleet::aws
