#pragma once
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>

#include "inspect/capture/capture_limits.h"
#include "inspect/capture/tcp_connection.h"

namespace visavis::inspect {

/// TcpObserver is told of the connections of a TcpTable.
class TcpObserver {
 public:
  virtual ~TcpObserver() = default;
  /// opened returns the sink of a connection, numbered from 0 in the order of first packets.
  virtual std::unique_ptr<TcpStreamSink> opened(std::uint64_t number, const TcpSegment& first) = 0;
  /// wants_more is asked after every packet; false: the connection is closed, and what follows of
  /// it goes to `passed`.
  virtual bool wants_more(std::uint64_t number, TcpStreamSink& sink) = 0;
  /// closed says that nothing more comes of a connection. It returns whether `passed` wants to know
  /// of packets that straggle in.
  virtual bool closed(std::uint64_t number, std::unique_ptr<TcpStreamSink> sink) = 0;
  /// passed brings a packet of a connection that was closed before.
  virtual void passed(std::uint64_t number) = 0;
};

/// TcpTable finds the connection of every segment: a SYN with another sequence number between the
/// same endpoints begins another one. A connection is closed some time after both sides have ended
/// it or one has reset it (what is under way still comes), by the next one between its endpoints,
/// at the end of the capture, or when too many are open and nothing was heard of it for longest.
class TcpTable {
 public:
  /// The observer must outlive the table.
  explicit TcpTable(TcpObserver& observer, std::size_t max_open = limits::kMaxOpenSessions,
                    std::size_t max_tracked = limits::kMaxTrackedConnections)
      : observer_(observer), max_open_(max_open), max_tracked_(max_tracked) {}

  void add(const TcpSegment& segment);
  /// finish closes what is open: there will be no more packets.
  void finish();

 private:
  struct Key {
    NetworkEndpoint low;
    NetworkEndpoint high;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Open {
    Open(std::unique_ptr<TcpStreamSink> made, const TcpSegment& first)
        : sink(std::move(made)), connection(first, *sink) {}
    std::unique_ptr<TcpStreamSink> sink;
    TcpConnection connection;
    bool lingers = false;
  };
  struct Entry {
    Key key;
    std::uint64_t number = 0;
    std::optional<std::uint32_t> syn;  // of a connection that was closed
    std::unique_ptr<Open> open;        // null: closed
    bool passed_wanted = false;        // closed, and more of it is told
  };
  using Entries = std::list<Entry>;
  struct Ending {
    std::int64_t at_ns = 0;
    Key key;
    std::uint64_t number = 0;
  };

  Entries::iterator find(const Key& key);
  Entries::iterator entry_of(const Key& key, const TcpSegment& segment);
  void close(Entries::iterator entry);
  void close_ended(std::int64_t now_ns);
  void make_room();

  TcpObserver& observer_;
  std::size_t max_open_;
  std::size_t max_tracked_;
  Entries open_;    // the one heard of last first
  Entries closed_;  // the one closed last first
  std::unordered_map<Key, Entries::iterator, KeyHash> found_;
  std::deque<Ending> endings_;  // those that will be closed soon
  std::uint64_t count_ = 0;
};

}  // namespace visavis::inspect
