// Runs all cases and prints a table. Exit code 1 if a case fails that conformance-exceptions.md does not
// name, if one that it names passes or does not exist, and if fewer than 95 % pass.
//
//   aws_conformance CASES EXCEPTIONS
//     CASES: tests/unit/protocols of botocore's source; EXCEPTIONS: conformance-exceptions.md
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/json.h"
#include "base/text.h"
#include "ec2_in.h"
#include "ec2_out.h"
#include "json_1_0_in.h"
#include "json_1_0_out.h"
#include "json_1_0_query_compatible_in.h"
#include "json_1_0_query_compatible_out.h"
#include "json_in.h"
#include "json_out.h"
#include "query_in.h"
#include "query_out.h"
#include "rest_json_in.h"
#include "rest_json_out.h"
#include "rest_xml_in.h"
#include "rest_xml_out.h"
#include "tests/contract/aws/conformance.h"

namespace k3fleet::conformance {
namespace {

struct File {
    const char* protocol;
    const char* direction;
    const char* name;
    std::vector<Case> cases;
};

template <typename Generated>
std::vector<Case> common(const Generated& cases) {
    std::vector<Case> all;
    for (const auto& each : cases) all.push_back({each.suite, each.id, each.operation});
    return all;
}

std::vector<File> files() {
    namespace s = aws::suite;
    return {
        {"ec2", "input", "ec2.json", common(s::ec2_in::cases())},
        {"ec2", "output", "ec2.json", common(s::ec2_out::cases())},
        {"query", "input", "query.json", common(s::query_in::cases())},
        {"query", "output", "query.json", common(s::query_out::cases())},
        {"json 1.1", "input", "json.json", common(s::json_in::cases())},
        {"json 1.1", "output", "json.json", common(s::json_out::cases())},
        {"json 1.0", "input", "json_1_0.json", common(s::json_1_0_in::cases())},
        {"json 1.0", "output", "json_1_0.json", common(s::json_1_0_out::cases())},
        {"json 1.0 (query codes)", "input", "json_1_0-query-compatible.json",
         common(s::json_1_0_query_compatible_in::cases())},
        {"json 1.0 (query codes)", "output", "json_1_0-query-compatible.json",
         common(s::json_1_0_query_compatible_out::cases())},
        {"rest-json", "input", "rest-json.json", common(s::rest_json_in::cases())},
        {"rest-json", "output", "rest-json.json", common(s::rest_json_out::cases())},
        {"rest-xml", "input", "rest-xml.json", common(s::rest_xml_in::cases())},
        {"rest-xml", "output", "rest-xml.json", common(s::rest_xml_out::cases())},
    };
}

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

// "DIRECTION PROTOCOL ID" of the rows "| protocol | direction | `Id` | why |".
std::set<std::string> exceptions_of(const std::string& path) {
    std::set<std::string> found;
    for (const std::string& line : split(contents(path), '\n')) {
        const auto cells = split(line, '|');
        if (cells.size() < 6 || cells[3].find('`') == std::string::npos) continue;
        std::string id(trim(cells[3]));
        std::erase(id, '`');
        found.insert(format("{} {} {}", trim(cells[2]), trim(cells[1]), id));
    }
    return found;
}

struct Count {
    int passed = 0, excepted = 0, failed = 0;
    int all() const { return passed + excepted + failed; }
};

class Run {
public:
    Run(std::string folder, const std::string& exceptions)
        : folder_(std::move(folder)), exceptions_(exceptions_of(exceptions)) {}

    bool file(const File& file) {
        const auto suites = json::parse(contents(format("{}/{}/{}", folder_, file.direction, file.name)));
        if (!suites) {
            std::printf("%s/%s: %s\n", file.direction, file.name, suites.error().message.c_str());
            return false;
        }
        std::size_t at = 0;
        int number = 0;
        for (const Value& suite : suites->items()) {
            for (const Value& given : suite.find("cases")->items()) {
                if (at >= file.cases.size() || file.cases[at].suite != number ||
                    file.cases[at].id != given.string_at("id")) {
                    std::printf("%s/%s: generated from another version of the file\n", file.direction,
                                file.name);
                    return false;
                }
                judge(file, suite, given, *file.cases[at++].operation);
            }
            ++number;
        }
        return at == file.cases.size();
    }

    // Of `protocol`, in the order of the files; then everything.
    void print() const {
        std::printf("\n| format | cases | passed | excepted | failed |\n| --- | --- | --- | --- | --- |\n");
        Count all;
        for (const auto& protocol : order_) {
            const Count& count = counts_.at(protocol);
            row(protocol, count);
            all.passed += count.passed;
            all.excepted += count.excepted;
            all.failed += count.failed;
        }
        row("all", all);
        std::printf("\npassed: %.1f %%\n", all.all() == 0 ? 0.0 : 100.0 * all.passed / all.all());
    }

    bool ok() const {
        bool good = true;
        for (const auto& [protocol, count] : counts_) good = good && count.failed == 0;
        for (const auto& name : exceptions_) {
            if (seen_.contains(name)) continue;
            std::printf("an exception for a case that does not exist: %s\n", name.c_str());
            good = false;
        }
        int passed = 0, all = 0;
        for (const auto& [protocol, count] : counts_) {
            passed += count.passed;
            all += count.all();
        }
        return good && all > 0 && passed * 100 >= all * 95;
    }

private:
    void judge(const File& file, const Value& suite, const Value& given, const aws::Operation& operation) {
        const std::string id = given.string_at("id");
        const std::string name = format("{} {} {}", file.direction, file.protocol, id);
        const std::string difference = std::string_view(file.direction) == "input"
                                           ? check_input(suite, given, operation)
                                           : check_output(given, operation);
        if (!counts_.contains(file.protocol)) order_.emplace_back(file.protocol);
        Count& count = counts_[file.protocol];
        const bool excepted = exceptions_.contains(name);
        if (excepted) seen_.insert(name);
        if (!difference.empty() && excepted) {
            ++count.excepted;
        } else if (difference.empty() && !excepted) {
            ++count.passed;
        } else {
            ++count.failed;
            std::printf("FAILED %s\n    %s\n", name.c_str(),
                        difference.empty() ? "it passes: take it out of the exceptions" : difference.c_str());
        }
    }

    static void row(const std::string& name, const Count& count) {
        std::printf("| %s | %d | %d | %d | %d |\n", name.c_str(), count.all(), count.passed, count.excepted,
                    count.failed);
    }

    std::string folder_;
    std::set<std::string> exceptions_;
    std::set<std::string> seen_;
    std::vector<std::string> order_;
    std::map<std::string, Count> counts_;
};

}  // namespace
}  // namespace k3fleet::conformance

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: aws_conformance CASES EXCEPTIONS\n");
        return 1;
    }
    k3fleet::conformance::Run run(argv[1], argv[2]);
    bool read = true;
    for (const auto& file : k3fleet::conformance::files()) read = run.file(file) && read;
    run.print();
    return run.ok() && read ? 0 : 1;
}
