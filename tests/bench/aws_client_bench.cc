// What a call of the AWS client costs: CPU, memory and calls a second against a server that answers at once.
//
// The server is a process of its own, so that its work is not counted. `aws_client_bench serve PORT` runs
// only the server, for measuring other clients with the same answers (docs/aws-client.md).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "adapters/local/clock.h"
#include "adapters/local/random.h"
#include "aws/gen/ec2.h"
#include "aws/gen/sts.h"
#include "aws/retry/retrying_api.h"
#include "aws/signed_api.h"
#include "base/text.h"
#include "tests/support/test_keys.h"

namespace {

using namespace k3fleet;

std::string instances(int count) {
    std::string xml =
        "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><reservationSet>";
    for (int i = 0; i < count; ++i)
        xml += format(
            "<item><reservationId>r-{0:08x}</reservationId><ownerId>000000000000</"
            "ownerId><instancesSet><item>"
            "<instanceId>i-{0:017x}</instanceId><imageId>ami-{0:08x}</imageId><instanceState><code>16</code>"
            "<name>running</name></instanceState><privateDnsName>ip-10-0-0-{0}.internal</privateDnsName>"
            "<instanceType>t4g.small</instanceType><launchTime>2026-11-22T03:15:00.000Z</launchTime>"
            "<placement><availabilityZone>ap-southeast-1a</availabilityZone></placement><subnetId>subnet-1</"
            "subnetId>"
            "<privateIpAddress>10.0.0.{0}</privateIpAddress><architecture>arm64</architecture><tagSet><item>"
            "<key>Project</key><value>demo</value></item><item><key>Role</key><value>k3s-worker</value></"
            "item>"
            "</tagSet></item></instancesSet></item>",
            i);
    return xml + "</reservationSet></DescribeInstancesResponse>";
}

std::string http(const std::string& body) {
    return format("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{}", body.size(),
                  body);
}

// Reads requests and answers each as its body's Action says.
void serve_connection(int fd) {
    static const std::string identity = http(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>000000000000</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>");
    static const std::string fifty = http(instances(50));
    std::string in;
    char buffer[16384];
    while (true) {
        const auto head = in.find("\r\n\r\n");
        const auto length = in.find("Content-Length: ");
        if (head != std::string::npos && length != std::string::npos) {
            const auto total = head + 4 + std::strtoul(in.c_str() + length + 16, nullptr, 10);
            if (in.size() >= total) {
                const std::string& out =
                    in.find("Action=DescribeInstances") == std::string::npos ? identity : fifty;
                in.erase(0, total);
                if (::send(fd, out.data(), out.size(), MSG_NOSIGNAL) < 0) break;
                continue;
            }
        }
        const auto got = ::recv(fd, buffer, sizeof buffer, 0);
        if (got <= 0) break;
        in.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(fd);
}

int listen_on(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 64) != 0)
        std::exit(1);
    return fd;
}

[[noreturn]] void serve(int listening) {
    while (true) {
        const int fd = ::accept(listening, nullptr, nullptr);
        if (fd < 0) continue;
        const int yes = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        std::thread(serve_connection, fd).detach();
    }
}

double cpu_seconds(const rusage& usage) {
    const auto seconds = [](const timeval& at) {
        return static_cast<double>(at.tv_sec) + 1e-6 * static_cast<double>(at.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <typename Request>
void measure(aws::Api& api, const char* name, int threads, int calls) {
    const auto run = [&](int number) {
        std::atomic<int> left = number;
        std::vector<std::jthread> workers;
        for (int i = 0; i < threads; ++i)
            workers.emplace_back([&] {
                while (left-- > 0) {
                    if (const auto done = api.call(Request{}); !done) {
                        std::fprintf(stderr, "%s\n", done.error().describe().c_str());
                        std::exit(1);
                    }
                }
            });
    };
    run(threads * 10);  // Connections are open, tables are read.
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    const auto begun = std::chrono::steady_clock::now();
    run(calls);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    rusage after{};
    ::getrusage(RUSAGE_SELF, &after);
    std::printf("%-28s %2d connections: %8.0f calls/s, %6.1f us CPU a call, peak memory %ld MB\n", name,
                threads, calls / took.count(), 1e6 * (cpu_seconds(after) - cpu_seconds(before)) / calls,
                after.ru_maxrss / 1024);
}

int bench() {
    const int listening = listen_on(0);
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size);
    const pid_t server = ::fork();
    if (server == 0) serve(listening);

    local::SystemClock clock;
    local::SystemRandom random;
    support::TestKeys keys;
    const std::string url = format("http://127.0.0.1:{}", ntohs(address.sin_port));
    const auto client = net::make_http_client();
    aws::SignedApi once(
        *client, keys, clock, random,
        {.region = "ap-southeast-1", .rules = {.custom_url = [&](const aws::Service&) { return url; }}});
    retry::RetryingApi api(once, clock, random);
    for (const int threads : {1, 16}) {
        measure<aws::sts::GetCallerIdentityRequest>(api, "sts GetCallerIdentity", threads, 20'000);
        measure<aws::ec2::DescribeInstancesRequest>(api, "ec2 DescribeInstances (50)", threads, 5'000);
    }
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count == 3 && std::string(arguments[1]) == "serve")
        serve(listen_on(static_cast<std::uint16_t>(std::strtoul(arguments[2], nullptr, 10))));
    return bench();
}
