// Errors about a value inside a value: "RunInstances.NetworkInterfaces[0].Foo: there is no such member".
//
// The innermost message begins with ": "; each level outwards puts its step before it.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace k3fleet::aws {

inline std::unexpected<Error> below_member(std::string_view name, Error&& error) {
    error.message.insert(0, format(".{}", name));
    return std::unexpected(std::move(error));
}

inline std::unexpected<Error> below_index(std::size_t index, Error&& error) {
    error.message.insert(0, format("[{}]", index));
    return std::unexpected(std::move(error));
}

inline std::unexpected<Error> below_key(std::string_view key, Error&& error) {
    error.message.insert(0, format("[\"{}\"]", key));
    return std::unexpected(std::move(error));
}

// The outermost name, which no point goes before.
inline std::unexpected<Error> below_root(std::string_view name, Error&& error) {
    error.message.insert(0, name);
    return std::unexpected(std::move(error));
}

}  // namespace k3fleet::aws
