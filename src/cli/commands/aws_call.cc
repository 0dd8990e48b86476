// aws call: one operation of AWS's API, by hand.
#include "app/aws_call.h"

#include <memory>

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string service;
    std::string operation;
    std::string request = "{}";
};

// The text itself, a file after "@", or standard input for "-".
Result<Value> read_request(const Session& session, const std::string& given) {
    std::string text = given;
    std::string name = "--json";
    if (given == "-" || given.starts_with('@')) {
        const std::string path = given == "-" ? given : given.substr(1);
        text = K3F_TRY(read_input(session.host, path));
        name = input_name(path);
    }
    auto request = json::parse_with_positions(text);
    if (!request)
        return fail(ErrorCode::InvalidArgument,
                    format("the request ({}) is no JSON: {}", name, request.error().message));
    return request;
}

Result<ExitCode> run(const Session& session, const Options& options) {
    const OpenAccount aws = K3F_TRY(open_account(session));
    const auto operation =
        K3F_TRY(app::find_operation(aws.account->operations(), options.service, options.operation));
    const Value request = K3F_TRY(read_request(session, options.request));
    if (!operation.reads)
        session.remark(format("AWS {}: {} {} may change things or cost money", aws.account->region(),
                              operation.service, operation.name));
    const Value answer = K3F_TRY(aws.account->call(operation.service, operation.name, request));
    session.result(answer, [&](Colours) { return yaml::write(answer); });
    return ExitCode::Done;
}

}  // namespace

Command aws_call() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "aws call",
        .purpose = Purpose::Program,
        .summary = "Call one operation of AWS's API, for debugging",
        .about =
            "Sends the request as k3fleet itself would: same credentials, endpoint, signature, retries. The "
            "request is JSON by the member names of AWS's API reference; blobs are base64. Only operations "
            "that k3fleet may call exist here: 'k3fleet aws operations' lists them. Secrets in answers are "
            "not shown. The answer is YAML for people, JSON with -o json (here --json is the request).",
        .examples = {{"aws call sts GetCallerIdentity", "who am I"},
                     {"aws call ec2 describe-instances --json '{\"MaxResults\": 5}' -o json",
                      "names may be spelt as the AWS command does"},
                     {"aws call dynamodb GetItem --json @request.json", "a request from a file"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.argument("SERVICE", options->service, "As in endpoints: ec2, s3, sts").required();
    command.argument("OPERATION", options->operation, "GetCallerIdentity, or get-caller-identity").required();
    command.option("--json", "REQUEST", options->request, "The request; @FILE reads a file, - standard input")
        .default_is("{}");
    return command;
}

}  // namespace k3fleet::cli
