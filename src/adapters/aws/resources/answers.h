// What AWS has answered during a survey (ports/resources.h). Kinds ask without knowing of each other, and
// much of what they ask is the same: a thing is listed and then read, a function's policy holds all its
// permissions. Here a question that was put once gets the same answer again.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "base/value.h"

namespace k3fleet::resources {

class Answers {
public:
    // `ask` is called for the first who puts the question; who puts it meanwhile waits for that. An error is
    // an answer, too. `ask` must not put a question itself.
    Result<Value> to(const std::string& question, const std::function<Result<Value>()>& ask);

private:
    struct Answer {
        std::once_flag given;
        Result<Value> value = Value();
    };
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Answer>> answers_;
};

}  // namespace k3fleet::resources
