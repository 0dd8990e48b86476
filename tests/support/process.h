// A second process for tests: runs a function in a fork and can kill it. The child never returns into gtest.
#pragma once

#include <functional>
#include <string>

namespace k3fleet::support {

class Child {
public:
    // Talks to the parent from inside the child.
    class Channel {
    public:
        explicit Channel(int fd) : fd_(fd) {}
        void say(const std::string& line) const;  // One line; the parent reads it with hear().

    private:
        int fd_;
    };

    // The child runs `body` and ends with its result as exit code. Start it before the parent starts threads.
    explicit Child(const std::function<int(const Channel&)>& body);
    ~Child();  // Kills and reaps it if that has not been done.
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // The next line the child said; empty when it has ended. Waits for it.
    std::string hear();
    void kill();  // SIGKILL, and waits until it is dead.
    int wait();   // Exit code, or -signal.

private:
    int pid_ = -1;
    int fd_ = -1;
};

}  // namespace k3fleet::support
