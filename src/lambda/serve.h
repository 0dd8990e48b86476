// The program as a function of AWS Lambda: `bootstrap` of a custom runtime, or `k3fleet lambda`.
#pragma once

#include <functional>
#include <string>

namespace k3fleet::lambda {

// Whether the process was started by Lambda: by name, or by the variable that says where its API is.
bool started_by_lambda(const std::string& program,
                       const std::function<std::string(const std::string&)>& variable);

// Serves events until Lambda ends the process; gives the exit code if it cannot. Variables: K3FLEET_FUNCTION
// (autoscaler or controller), K3FLEET_PROJECT, K3FLEET_CLUSTER (of an autoscaler), K3FLEET_HOME_REGION, and
// Lambda's own.
int serve(const std::function<std::string(const std::string&)>& variable);

}  // namespace k3fleet::lambda
