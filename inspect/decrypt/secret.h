#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace visavis::inspect {

/// cleanse overwrites memory that held a secret; no optimizer leaves it out.
void cleanse(void* memory, std::size_t bytes) noexcept;

/// CleansingAllocator overwrites memory before it gives it back.
template <class T>
struct CleansingAllocator {
  using value_type = T;

  CleansingAllocator() = default;
  template <class U>
  explicit CleansingAllocator(const CleansingAllocator<U>&) noexcept {}

  T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
  void deallocate(T* memory, std::size_t count) noexcept {
    cleanse(memory, count * sizeof(T));
    std::allocator<T>{}.deallocate(memory, count);
  }
  friend bool operator==(const CleansingAllocator&, const CleansingAllocator&) { return true; }
};

/// Secret is key material. It is overwritten when it goes, and nothing prints it.
using Secret = std::vector<std::uint8_t, CleansingAllocator<std::uint8_t>>;

}  // namespace visavis::inspect
