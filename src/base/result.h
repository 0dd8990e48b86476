// Result<T> = a value or an Error. K3F_TRY unwraps or returns the error to the caller.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/error.h"

namespace k3fleet {

template <typename T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

// The failed half of a Result, with a code and a message a person can act on.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
    return std::unexpected(Error{.code = code, .message = std::move(message)});
}

namespace detail {
template <typename T>
T unwrap(Result<T>&& result) {
    return std::move(*result);
}
inline void unwrap(Status&&) {}
}  // namespace detail

}  // namespace k3fleet

// Evaluates to the value of a Result, or returns its error from the enclosing function.
#define K3F_TRY(expression)                                                     \
    ({                                                                          \
        auto k3f_result = (expression);                                         \
        if (!k3f_result) return std::unexpected(std::move(k3f_result).error()); \
        ::k3fleet::detail::unwrap(std::move(k3f_result));                       \
    })

// The same, and says in the error's trail what was being done.
#define K3F_TRY_WHILE(doing, expression)                                                    \
    ({                                                                                      \
        auto k3f_result = (expression);                                                     \
        if (!k3f_result) return std::unexpected(std::move(k3f_result).error().with(doing)); \
        ::k3fleet::detail::unwrap(std::move(k3f_result));                                   \
    })
