#include "adapters/aws/resources/answers.h"

namespace k3fleet::resources {

Result<Value> Answers::to(const std::string& question, const std::function<Result<Value>()>& ask) {
    std::shared_ptr<Answer> answer;
    {
        const std::lock_guard lock(mutex_);
        std::shared_ptr<Answer>& there = answers_[question];
        if (!there) there = std::make_shared<Answer>();
        answer = there;
    }
    std::call_once(answer->given, [&] { answer->value = ask(); });
    return answer->value;
}

}  // namespace k3fleet::resources
