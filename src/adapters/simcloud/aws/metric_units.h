// The units that CloudWatch knows, of numbers and of what metric filters of logs make.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
#pragma once

#include <array>
#include <string_view>

namespace k3fleet::simcloud {

inline constexpr std::array<std::string_view, 27> kMetricUnits = {"Seconds",
                                                                  "Microseconds",
                                                                  "Milliseconds",
                                                                  "Bytes",
                                                                  "Kilobytes",
                                                                  "Megabytes",
                                                                  "Gigabytes",
                                                                  "Terabytes",
                                                                  "Bits",
                                                                  "Kilobits",
                                                                  "Megabits",
                                                                  "Gigabits",
                                                                  "Terabits",
                                                                  "Percent",
                                                                  "Count",
                                                                  "Bytes/Second",
                                                                  "Kilobytes/Second",
                                                                  "Megabytes/Second",
                                                                  "Gigabytes/Second",
                                                                  "Terabytes/Second",
                                                                  "Bits/Second",
                                                                  "Kilobits/Second",
                                                                  "Megabits/Second",
                                                                  "Gigabits/Second",
                                                                  "Terabits/Second",
                                                                  "Count/Second",
                                                                  "None"};

}  // namespace k3fleet::simcloud
