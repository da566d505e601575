#include "inspect/http/http1_observer.h"

#include "inspect/bytes/limits.h"
#include "inspect/http/request_target.h"

namespace visavis::inspect {

using Kind = Http1Step::Kind;

void Http1Observer::observe_request(Bytes plaintext, std::int64_t t_us) {
  while (observing_ && !list_full_) {
    Http1Head head;
    const Http1Step step = request_.read(plaintext, head);
    if (step.body_bytes != 0) exchanges_.back().request_bytes += step.body_bytes;
    switch (step.kind) {
      case Kind::need_more:
        return;
      case Kind::head:
        begin_exchange(head, t_us);
        break;
      case Kind::complete:
        // Already answered when the response came before the request's end, which is legal.
        if (!unanswered_us_.empty()) unanswered_us_.back() = t_us;
        stop_when_full();
        break;
      case Kind::failed:
        if (head.version != 0) begin_exchange(head, t_us);
        return stop();
    }
  }
}

void Http1Observer::observe_response(Bytes plaintext, std::int64_t t_us) {
  while (observing_) {
    if (response_.between_messages() && !plaintext.empty()) {
      if (unanswered_us_.empty()) return stop();
      first_byte_ms_ = static_cast<double>(t_us - unanswered_us_.front()) / 1000.0;
    }
    Http1Head head;
    const Http1Step step = response_.read(plaintext, head);
    if (step.body_bytes != 0) answered_exchange().response_bytes += step.body_bytes;
    switch (step.kind) {
      case Kind::need_more:
        return;
      case Kind::head:
        note_response_head(head);
        break;
      case Kind::complete:
        end_response();
        break;
      case Kind::failed:
        if (head.version != 0) note_status(head);
        return stop();
    }
  }
}

void Http1Observer::response_ended() {
  if (!observing_) return;
  if (response_.ended()) {
    if (!unanswered_us_.empty()) answered_exchange().until_close = true;
    return end_response();
  }
  if (response_.unfinished() && !unanswered_us_.empty()) answered_exchange().cut_short = true;
}

void Http1Observer::begin_exchange(const Http1Head& head, std::int64_t t_us) {
  list_full_ = exchanges_.size() == limits::kMaxHttpExchanges;
  if (list_full_) return;
  if (unanswered_us_.size() == limits::kMaxPipelinedRequests) return stop();
  HttpExchange& exchange = exchanges_.emplace_back();
  exchange.protocol = head.version == 10 ? "http/1.0" : "http/1.1";
  exchange.method = head.method;
  exchange.target = listed_target(head.target, log_queries_);
  exchange.host = listed_host(head.host);
  unanswered_us_.push_back(t_us);
}

void Http1Observer::note_response_head(const Http1Head& head) {
  interim_response_ = head.status / 100 == 1 && head.status != 101;
  if (interim_response_) return;
  note_status(head);
  const std::string& method = answered_exchange().method;
  const bool tunnel = method == "CONNECT" && head.status / 100 == 2;
  if (tunnel || head.status == 101) return stop();
  if (method == "HEAD") response_.skip_body();
}

void Http1Observer::note_status(const Http1Head& head) {
  answered_exchange().status = head.status;
  answered_exchange().time_to_first_byte_ms = first_byte_ms_;
}

void Http1Observer::end_response() {
  if (interim_response_) return;
  unanswered_us_.erase(unanswered_us_.begin());
  stop_when_full();
}

void Http1Observer::stop() {
  observing_ = false;
  request_.release();
  response_.release();
}

void Http1Observer::stop_when_full() {
  const bool requests_read =
      list_full_ || (exchanges_.size() == limits::kMaxHttpExchanges && request_.between_messages());
  if (requests_read && unanswered_us_.empty()) stop();
}

}  // namespace visavis::inspect
