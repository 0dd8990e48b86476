// CloudWatch's part of a simulated account: the numbers that were put last.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace k3fleet::simcloud {

struct MetricNumber {
    std::string name_space;
    std::string name;
    std::map<std::string, std::string> dimensions;
    Timestamp at;
    double value = 0;
    std::string unit;
};

struct NumbersState {
    std::int64_t put = 0;            // Ever.
    std::vector<MetricNumber> last;  // The newest last; the oldest are forgotten.
};

template <typename Archive>
void fields(Archive& archive, MetricNumber& number) {
    archive(number.name_space, number.name, number.dimensions, number.at, number.value, number.unit);
}
template <typename Archive>
void fields(Archive& archive, NumbersState& numbers) {
    archive(numbers.put, numbers.last);
}

}  // namespace k3fleet::simcloud
