// What nearly every file includes, parsed once in a release build: see cmake/precompiled.cmake. Files include
// what they use all the same, and compile without this.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "base/value.h"
