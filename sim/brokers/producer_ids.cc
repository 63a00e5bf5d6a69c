#include "sim/brokers/producer_ids.h"

#include "sim/wire/kafka/67_allocate_producer_ids.h"
#include "sim/wire/kafka/codec.h"

namespace brokerlab {

namespace {

constexpr int16_t allocate_producer_ids_version = 0;

}  // namespace

void ProducerIds::poll(NodeStep& step, ControllerChannel& channel, bool is_new, int32_t broker_id,
                       int64_t broker_epoch) {
  if (is_new) {
    in_flight_.reset();
    retry_at_ = step.now.monotonic;
  }
  const bool is_needed = !waiting_.empty() && next_id_ == end_;
  const bool can_ask =
      !in_flight_ && channel.is_known() && broker_epoch >= 0 && step.now.monotonic >= retry_at_;
  if (!is_needed || !can_ask) return;
  kafka::AllocateProducerIdsRequest request;
  request.broker_id = broker_id;
  request.broker_epoch = broker_epoch;
  in_flight_ = channel.send(step, std::move(request), allocate_producer_ids_version);
}

bool ProducerIds::handle(NodeStep& step, const Completion& completion) {
  if (in_flight_ != completion.token) return false;
  in_flight_.reset();
  retry_at_ = step.now.monotonic + controller_retry_backoff;
  if (!completion.answered()) return true;
  const auto response =
      kafka::decode<kafka::AllocateProducerIdsResponse>(completion.body, completion.version);
  if (!response || response->error_code != 0 || response->producer_id_len <= 0) return true;
  next_id_ = response->producer_id_start;
  end_ = next_id_ + response->producer_id_len;
  return true;
}

std::vector<ProducerIds::Granted> ProducerIds::take_granted() {
  std::vector<Granted> granted;
  size_t served = 0;
  while (served < waiting_.size() && next_id_ < end_) granted.push_back({waiting_[served++], next_id_++});
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(served));
  return granted;
}

}  // namespace brokerlab
