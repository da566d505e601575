#include "inspect/http/http1_observer.h"

#include "inspect/bytes/limits.h"
#include "inspect/http/request_target.h"

namespace visavis::inspect {

using Kind = Http1Step::Kind;

namespace {

double milliseconds(std::int64_t us) { return static_cast<double>(us) / 1000.0; }

}  // namespace

void Http1Observer::observe_request(Bytes plaintext, std::int64_t t_us) {
  while (observing_ && !list_full_) {
    if (request_.between_messages() && !plaintext.empty()) request_began_us_ = t_us;
    Http1Head head;
    const Http1Step step = request_.read(plaintext, head);
    if (step.body_bytes != 0) {
      exchanges_.back().request_bytes += step.body_bytes;
      note_request_part(t_us);
    }
    switch (step.kind) {
      case Kind::need_more:
        return;
      case Kind::head:
        begin_exchange(head, t_us);
        break;
      case Kind::complete:
        // Already answered when the response came before the request's end, which is legal.
        if (!unanswered_.empty()) unanswered_.back().last_us = t_us;
        note_request_part(t_us);
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
      if (unanswered_.empty()) return stop();
      response_began_us_ = t_us;
      first_byte_ms_ = milliseconds(t_us - unanswered_.front().last_us);
    } else if (!plaintext.empty()) {
      note_response_part(t_us);
    }
    Http1Head head;
    const Http1Step step = response_.read(plaintext, head);
    if (step.body_bytes != 0) answered_exchange().response_bytes += step.body_bytes;
    switch (step.kind) {
      case Kind::need_more:
        return;
      case Kind::head:
        note_response_head(head, t_us);
        break;
      case Kind::complete:
        end_response();
        break;
      case Kind::failed:
        if (head.version != 0) note_status(head, t_us);
        return stop();
    }
  }
}

void Http1Observer::response_ended() {
  if (!observing_) return;
  if (response_.ended()) {
    if (!unanswered_.empty()) answered_exchange().until_close = true;
    return end_response();
  }
  if (response_.unfinished() && !unanswered_.empty()) answered_exchange().cut_short = true;
}

void Http1Observer::begin_exchange(const Http1Head& head, std::int64_t t_us) {
  list_full_ = exchanges_.size() == limits::kMaxHttpExchanges;
  if (list_full_) return;
  if (unanswered_.size() == limits::kMaxPipelinedRequests) return stop();
  HttpExchange& exchange = exchanges_.emplace_back();
  exchange.protocol = head.version == 10 ? "http/1.0" : "http/1.1";
  exchange.method = head.method;
  exchange.target = listed_target(head.target, log_queries_);
  exchange.host = listed_host(head.host);
  unanswered_.push_back({request_began_us_, t_us});
  exchange.started_ms = milliseconds(request_began_us_);
  note_request_part(t_us);
}

void Http1Observer::note_request_part(std::int64_t t_us) {
  exchanges_.back().send_ms = milliseconds(t_us - request_began_us_);
}

void Http1Observer::note_response_part(std::int64_t t_us) {
  if (answered_exchange().status)
    answered_exchange().receive_ms = milliseconds(t_us - response_began_us_);
}

void Http1Observer::note_response_head(const Http1Head& head, std::int64_t t_us) {
  interim_response_ = head.status / 100 == 1 && head.status != 101;
  if (interim_response_) return;
  note_status(head, t_us);
  const std::string& method = answered_exchange().method;
  const bool tunnel = method == "CONNECT" && head.status / 100 == 2;
  if (tunnel || head.status == 101) return stop();
  if (method == "HEAD") response_.skip_body();
}

void Http1Observer::note_status(const Http1Head& head, std::int64_t t_us) {
  HttpExchange& exchange = answered_exchange();
  exchange.status = head.status;
  exchange.time_to_first_byte_ms = first_byte_ms_;
  exchange.content_type = listed_media_type(head.content_type);
  note_response_part(t_us);
}

void Http1Observer::end_response() {
  if (interim_response_) return;
  unanswered_.erase(unanswered_.begin());
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
  if (requests_read && unanswered_.empty()) stop();
}

}  // namespace visavis::inspect
