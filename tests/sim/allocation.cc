// Memory for k3fleet-sim: a simulation asks for small pieces by the million, in one thread a process, and
// nearly all of them are given back soon. They come from lists, one for each size, and go back to them.
// Sanitizers and valgrind's memcheck see nothing of it, so they are given the system's.
#include <cstddef>
#include <cstdlib>
#include <new>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

constexpr std::size_t kStep = 16;      // What every type is aligned to at most.
constexpr std::size_t kClasses = 513;  // Up to 8 KiB, such as a loop's memory; what is larger is seldom.
constexpr std::size_t kChunk = std::size_t{256} << 10;

// In front of each piece: which list it goes back to; kClasses: none.
struct alignas(kStep) Head {
    std::size_t size_class;
};
struct Free {
    Free* next;
};

thread_local Free* lists[kClasses];
thread_local char* chunk = nullptr;
thread_local std::size_t chunk_left = 0;

void* system_piece(std::size_t bytes) {
    void* piece = std::malloc(bytes);
    if (piece == nullptr) throw std::bad_alloc();
    return piece;
}

// Of a chunk that is never given back: the lists keep all of it.
void* cut(std::size_t bytes) {
    if (chunk_left < bytes) {
        chunk = static_cast<char*>(system_piece(kChunk));
        chunk_left = kChunk;
    }
    void* piece = chunk;
    chunk += bytes;
    chunk_left -= bytes;
    return piece;
}

}  // namespace

void* operator new(std::size_t bytes) {
    const std::size_t size_class = (bytes + kStep - 1) / kStep;
    if (size_class < kClasses && lists[size_class] != nullptr) {
        Free* piece = lists[size_class];
        lists[size_class] = piece->next;
        return piece;
    }
    const std::size_t whole = sizeof(Head) + (size_class == 0 ? 1 : size_class) * kStep;
    Head* head = size_class < kClasses ? new (cut(whole)) Head{size_class}
                                       : new (system_piece(sizeof(Head) + bytes)) Head{kClasses};
    return head + 1;
}

void operator delete(void* piece) noexcept {
    if (piece == nullptr) return;
    Head* head = static_cast<Head*>(piece) - 1;
    const std::size_t size_class = head->size_class;
    if (size_class >= kClasses) return std::free(head);
    lists[size_class] = new (piece) Free{lists[size_class]};
}

void operator delete(void* piece, std::size_t) noexcept { operator delete(piece); }

#endif
