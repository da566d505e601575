#pragma once
#include <cstddef>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace visavis::certs {

/// LruMap is a map of at most `capacity` entries: when it is full, the entry unused for longest
/// goes. It takes no lock; its owner does. A capacity of 0 keeps nothing.
template <class Key, class Value, class Hash = std::hash<Key>>
class LruMap {
 public:
  explicit LruMap(std::size_t capacity) : capacity_(capacity) {}

  /// find returns the entry's value and makes it the most recent one; null when there is none. The
  /// pointer holds until the next put or erase.
  [[nodiscard]] Value* find(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  /// put adds the value, or replaces the one that the key has.
  void put(const Key& key, Value value) {
    if (capacity_ == 0) return;
    if (Value* present = find(key)) {
      *present = std::move(value);
      return;
    }
    if (entries_.size() == capacity_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, std::move(value));
    index_.emplace(key, entries_.begin());
  }

  /// for_each calls `visit` with every value, the most recent first; none gets more recent by it.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const auto& entry : entries_) visit(entry.second);
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<Key, Value>>;

  std::size_t capacity_;
  Entries entries_;  // most recent first
  std::unordered_map<Key, typename Entries::iterator, Hash> index_;
};

}  // namespace visavis::certs
