#include "gui/text/event_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/wire/kafka/api_table.h"
#include "sim/wire/kafka/errors.h"

namespace brokerlab::gui {
namespace {

constexpr int16_t produce_key = 0;
constexpr int16_t fetch_key = 1;
constexpr int16_t metadata_key = 3;
constexpr int16_t vote_key = 52;

std::string api_name(int16_t key) {
  const kafka::Api* api = kafka::find_api(key);
  return api == nullptr ? "?" : std::string(api->name);
}

std::string partition_name(const MessageInfo& m) {
  if (m.topic.empty()) return {};
  return m.partition < 0 ? m.topic : m.topic + "-" + std::to_string(m.partition);
}

std::string counted(const Phrasebook& say, Phrase one, Phrase several, int32_t n) {
  return n == 1 ? std::string(say(one)) : say(several, {{"n", std::to_string(n)}});
}

std::string records_words(const Phrasebook& say, int32_t records) {
  return counted(say, Phrase::one_record, Phrase::n_records, records);
}

std::string response_words(const Phrasebook& say, const MessageInfo& m, const MessageInfo& request,
                           Detail detail) {
  if (m.error_code != 0) {
    return std::string(kafka::error_name(static_cast<kafka::ErrorCode>(m.error_code)));
  }
  if (m.api_key == produce_key && m.offset >= 0) {
    return say(Phrase::acked_offset, {{"offset", std::to_string(m.offset)}});
  }
  if (m.api_key == fetch_key && m.records > 0) {
    return m.kind == MessageKind::quorum
               ? counted(say, Phrase::one_metadata_record, Phrase::n_metadata_records, m.records)
               : records_words(say, m.records);
  }
  if (m.api_key == fetch_key) {
    return std::string(request.kind == MessageKind::quorum || m.kind == MessageKind::quorum
                           ? say(Phrase::nothing_newer)
                           : say(Phrase::no_records));
  }
  if (m.api_key == metadata_key && m.partitions > 0) {
    return say(Phrase::n_partitions, {{"n", std::to_string(m.partitions)}});
  }
  if (m.api_key == vote_key && m.epoch >= 0) {
    return say(Phrase::vote_answer, {{"epoch", std::to_string(m.epoch)}});
  }
  return detail == Detail::brief ? std::string(say(Phrase::answered))
                                 : say(Phrase::api_answer, {{"api", api_name(m.api_key)}});
}

std::string request_words(const Phrasebook& say, const MessageInfo& m, Detail detail) {
  if (m.api_key == fetch_key && m.kind == MessageKind::quorum) {
    return std::string(say(detail == Detail::brief ? Phrase::fetch_metadata : Phrase::fetch_metadata_log));
  }
  const bool is_row = detail == Detail::full && m.kind != MessageKind::replicate;
  const std::string space = is_row ? "  " : " ";
  const std::string partition = partition_name(m);
  std::string words = api_name(m.api_key);
  if (is_row && m.api_version >= 0) words += fmt::format(" v{}", m.api_version);
  if (m.api_key == fetch_key && !partition.empty() && m.offset >= 0 && detail != Detail::brief) {
    return words + space +
           say(Phrase::partition_from, {{"partition", partition}, {"offset", std::to_string(m.offset)}});
  }
  if (m.api_key == vote_key && m.epoch >= 0) {
    return words + space + say(Phrase::epoch_n, {{"epoch", std::to_string(m.epoch)}});
  }
  if (!partition.empty()) words += space + partition;
  if (m.records > 0 && detail == Detail::full) {
    words += "  " + say(Phrase::n_rec, {{"n", std::to_string(m.records)}});
  } else if (m.records > 0 && detail == Detail::tag) {
    words += ", " + records_words(say, m.records);
  }
  return words;
}

/// Of folded polls: what they have in common.
std::string folded_words(const Phrasebook& say, const MessageInfo& m) {
  if (m.is_response) return response_words(say, m, {}, Detail::full);
  if (m.api_key == fetch_key && m.kind == MessageKind::quorum)
    return std::string(say(Phrase::fetch_metadata_log));
  return m.topic.empty() ? api_name(m.api_key) : api_name(m.api_key) + " " + m.topic;
}

std::string joined(const std::vector<int32_t>& ids) { return fmt::format("{}", fmt::join(ids, ", ")); }

std::string broker_name(const WindowModel& model, int32_t id) {
  for (const NodeModel& node : model.brokers) {
    if (node.kafka() != nullptr && node.kafka()->node_id == id) return node.name;
  }
  return std::to_string(id);
}

/// Words of the events that are no messages.
struct StateWords {
  const Phrasebook& say;
  const WindowModel& model;
  EventWords& words;

  void operator()(const event::NodeStarted&) { words.what = say(Phrase::node_started); }
  void operator()(const event::NodeStopped& e) {
    words.what = e.how == "killed" ? std::string(say(Phrase::node_killed))
                                   : say(Phrase::node_ended, {{"status", std::to_string(e.status)}});
    // A tool that is done has lost nothing.
    const bool is_tool = model.find(words.who) == nullptr;
    if (!is_tool || e.how == "killed" || e.status != 0) words.tint = Role::lost;
  }
  void operator()(const event::NodePaused&) { words.what = say(Phrase::node_frozen); }
  void operator()(const event::NodeResumed&) { words.what = say(Phrase::node_goes_on); }
  void operator()(const event::CommandGiven& e) {
    words.who.clear();
    words.what = e.text;
    words.is_command = true;
  }
  void operator()(const event::FaultSet& e) {
    words.who.clear();
    words.what = say(Phrase::fault_set, {{"fault", e.fault}});
    words.tint = Role::lost;
  }
  void operator()(const event::FaultHealed& e) {
    words.who.clear();
    words.what = say(Phrase::fault_healed, {{"fault", e.fault}});
  }
  void operator()(const event::QuorumRoleChanged& e) {
    const std::string epoch = std::to_string(e.epoch);
    if (e.role == "leader") {
      words.what = say(Phrase::leads_quorum, {{"epoch", epoch}});
    } else {
      // Prospective is the pre-vote of KIP-996: it asks without raising the epoch.
      words.what =
          say(e.role == "prospective" ? Phrase::is_prospective : Phrase::is_candidate, {{"epoch", epoch}});
      words.tint = Role::candidate;
    }
  }
  void operator()(const event::BrokerStateChanged& e) {
    words.who = broker_name(model, e.broker);
    if (e.state == "fenced") words.what = say(Phrase::broker_fenced);
    if (e.state == "unfenced") words.what = say(Phrase::broker_unfenced);
    if (e.state == "registered") words.what = say(Phrase::broker_registered);
    if (e.state == "shutting_down") words.what = say(Phrase::broker_leaving);
  }
  void operator()(const event::TopicChanged& e) {
    words.who = e.topic;
    words.what = e.change == "deleted" ? std::string(say(Phrase::topic_deleted))
                                       : say(Phrase::topic_created, {{"n", std::to_string(e.partitions)}});
  }
  void operator()(const event::PartitionChanged& e) {
    words.who = e.partition.to_string();
    words.what = e.leader < 0 ? say(Phrase::partition_leaderless, {{"isr", joined(e.isr)}})
                              : say(Phrase::partition_led, {{"leader", broker_name(model, e.leader)},
                                                            {"epoch", std::to_string(e.leader_epoch)},
                                                            {"isr", joined(e.isr)}});
  }
  void operator()(const event::LogTruncated& e) {
    words.what = say(Phrase::log_truncated,
                     {{"partition", e.partition.to_string()}, {"offset", std::to_string(e.to_offset)}});
    words.tint = Role::lost;
  }
  void operator()(const event::DiskDamaged& e) {
    words.what =
        say(Phrase::disk_damaged,
            {{"path", e.path}, {"from", std::to_string(e.from_bytes)}, {"to", std::to_string(e.to_bytes)}});
    words.tint = Role::lost;
  }
  template <class Other>
  void operator()(const Other&) {}
};

/// "kafka1, 2" of kafka1 and kafka2: where the names differ in their numbers only, the rest is said once.
std::string brief_names(const std::vector<std::string>& names) {
  const auto stem = [](const std::string& name) {
    return name.substr(0, name.find_last_not_of("0123456789") + 1);
  };
  std::string text;
  for (const std::string& name : names) {
    const std::string first = stem(names.front());
    if (!text.empty()) text += ", ";
    text += !text.empty() && stem(name) == first && name != first ? name.substr(first.size()) : name;
  }
  return text;
}

std::vector<std::string> sorted_names(const WindowModel& model, const std::vector<NodeId>& nodes) {
  std::vector<std::string> names;
  for (const NodeId id : nodes) names.push_back(model.name_of(id));
  std::sort(names.begin(), names.end());
  return names;
}

/// Who sent to whom; of polls between several, only who sent.
std::string ends_of(const WindowModel& model, const EventModel& row) {
  const std::vector<std::string> senders = sorted_names(model, row.senders);
  if (senders.size() == 1) return senders.front() + " → " + brief_names(sorted_names(model, row.receivers));
  return senders.size() == 2 ? senders[0] + ", " + senders[1] : brief_names(senders);
}

}  // namespace

std::string message_words(const Phrasebook& say, const MessageInfo& m, const MessageInfo& answered,
                          Detail detail) {
  return m.is_response ? response_words(say, m, answered, detail) : request_words(say, m, detail);
}

EventWords event_words(const Phrasebook& say, const WindowModel& model, const EventModel& row) {
  EventWords words;
  words.who = model.name_of(row.event.ref.node);
  if (const auto* described = std::get_if<event::MessageDescribed>(&row.event.payload)) {
    words.who = (described->client_id.empty() ? "client" : described->client_id) + " → " + words.who;
    words.what = message_words(say, described->message, {}, Detail::full);
    words.shortest_what = message_words(say, described->message, {}, Detail::brief);
    return words;
  }
  if (const auto* sent = std::get_if<event::MessageSent>(&row.event.payload)) {
    words.who = ends_of(model, row);
    if (row.count > 1) {
      words.what = folded_words(say, sent->message);
      words.note = fmt::format("×{}", row.count);
    } else {
      words.what = message_words(say, sent->message, row.answered, Detail::full);
      words.shorter_what = message_words(say, sent->message, row.answered, Detail::tag);
      if (row.is_in_flight) words.note = say(Phrase::in_flight);
      if (row.is_waiting) words.note = say(Phrase::waits);
    }
    words.shortest_what = message_words(say, sent->message, row.answered, Detail::brief);
    return words;
  }
  std::visit(StateWords{say, model, words}, row.event.payload);
  return words;
}

bool is_shown(const Event& event) {
  return std::visit(
      [](const auto& e) {
        using T = std::decay_t<decltype(e)>;
        if constexpr (std::is_same_v<T, event::QuorumRoleChanged>) {
          return e.role == "leader" || e.role == "candidate" || e.role == "prospective";
        } else if constexpr (std::is_same_v<T, event::PartitionChanged>) {
          return e.decided;
        } else {
          return std::is_same_v<T, event::MessageSent> || std::is_same_v<T, event::MessageDescribed> ||
                 std::is_same_v<T, event::NodeStarted> || std::is_same_v<T, event::NodeStopped> ||
                 std::is_same_v<T, event::NodePaused> || std::is_same_v<T, event::NodeResumed> ||
                 std::is_same_v<T, event::CommandGiven> || std::is_same_v<T, event::FaultSet> ||
                 std::is_same_v<T, event::FaultHealed> || std::is_same_v<T, event::BrokerStateChanged> ||
                 std::is_same_v<T, event::TopicChanged> || std::is_same_v<T, event::LogTruncated> ||
                 std::is_same_v<T, event::DiskDamaged>;
        }
      },
      event.payload);
}

std::string seconds_text(Instant at) {
  const int64_t ms = at.milliseconds();
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

std::string duration_words(const Phrasebook& say, Duration duration) {
  const int64_t hundredths = (duration.nanoseconds / 1'000'000 + 5) / 10;
  return say(Phrase::n_seconds, {{"n", fmt::format("{}.{:02}", hundredths / 100, hundredths % 100)}});
}

}  // namespace brokerlab::gui
