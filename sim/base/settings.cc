#include "sim/base/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

constexpr int64_t int_max = std::numeric_limits<int32_t>::max();
constexpr int64_t long_min = std::numeric_limits<int64_t>::min();
constexpr int64_t long_max = std::numeric_limits<int64_t>::max();
using enum SettingType;

constexpr SettingSpec table[] = {
    {"auto.create.topics.enable", "", boolean, "true", "true", 0, 0, false,
     "Create a topic when a client asks for one that does not exist",
     "없는 토픽을 클라이언트가 요청하면 자동으로 생성"},
    {"auto.leader.rebalance.enable", "", boolean, "true", "true", 0, 0, false,
     "The controller gives leaderships back to the preferred replicas by itself",
     "컨트롤러가 주기적으로 리더를 선호 복제본(preferred replica)으로 되돌림"},
    {"broker.heartbeat.interval.ms", "", integer, "250", "2000", 1, int_max, true,
     "How often a broker tells the controller that it lives", "브로커가 컨트롤러에 하트비트를 보내는 간격"},
    {"broker.session.timeout.ms", "", integer, "1500", "9000", 1, int_max, true,
     "After so long without a heartbeat the controller fences a broker",
     "이 시간 동안 하트비트가 없으면 컨트롤러가 브로커를 펜싱(fence)"},
    {"compression.type", "compression.type", text, "producer", "producer", 0, 0, false,
     "Codec of stored batches; producer keeps the one they came with",
     "저장할 배치의 압축 코덱. producer면 프로듀서가 보낸 그대로",
     "uncompressed, zstd, lz4, snappy, gzip, producer"},
    {"connections.max.idle.ms", "", long_integer, "600000", "600000", -1, long_max, false,
     "Connections on which nothing has moved for so long are closed (live only); -1 never",
     "이 시간 동안 오간 데이터가 없는 연결을 닫음(live 전용). -1이면 닫지 않음"},
    {"controller.quorum.election.backoff.max.ms", "", integer, "100", "1000", 0, int_max, true,
     "Longest wait before a new election after one without a winner",
     "리더를 뽑지 못한 뒤 다시 선출하기까지의 최대 대기 시간"},
    {"controller.quorum.election.timeout.ms", "", integer, "100", "1000", 1, int_max, true,
     "How long a candidate waits for votes", "후보(candidate)가 투표 응답을 기다리는 시간"},
    {"controller.quorum.fetch.timeout.ms", "", integer, "1000", "2000", 1, int_max, true,
     "A voter that cannot fetch from the leader for so long starts an election",
     "이 시간 동안 쿼럼 리더에서 페치하지 못한 보터가 선출을 시작"},
    {"controlled.shutdown.enable", "", boolean, "true", "true", 0, 0, false,
     "A stopping broker hands its leaderships over first",
     "브로커가 종료하기 전에 파티션 리더를 다른 브로커로 이전"},
    {"default.replication.factor", "", integer, "3", "1", 1, 32767, false,
     "Replicas of a topic that does not say how many", "복제 팩터를 지정하지 않은 토픽의 복제 팩터"},
    {"fetch.max.bytes", "", integer, "57671680", "57671680", 1024, int_max, false,
     "Most bytes that one fetch is answered with", "페치 응답 하나의 최대 바이트"},
    {"internal.metadata.log.segment.bytes", "", integer, "", "", 1, int_max, false,
     "Overrides metadata.log.segment.bytes without its lower bound, for small examples",
     "하한 없이 metadata.log.segment.bytes를 대신하는 값. 작은 예제용"},
    {"internal.segment.bytes", "internal.segment.bytes", integer, "", "", 1, int_max, false,
     "Overrides segment.bytes without its lower bound, for small examples; unset: segment.bytes counts",
     "하한 없이 segment.bytes를 대신하는 값. 작은 예제용이며, 지정하지 않으면 segment.bytes를 따름"},
    {"leader.imbalance.check.interval.seconds", "", long_integer, "300", "300", 1, longest_duration_ms / 1000,
     false, "How often the controller looks for leaderships to give back to preferred replicas",
     "선호 복제본으로 되돌릴 리더가 있는지 컨트롤러가 확인하는 간격(초)"},
    {"log.cleaner.backoff.ms", "", long_integer, "1000", "15000", 0, long_max, true,
     "How long the log cleaner sleeps when no log needs compaction",
     "컴팩션할 로그가 없을 때 로그 클리너가 쉬는 시간"},
    {"log.cleaner.delete.retention.ms", "delete.retention.ms", long_integer, "86400000", "86400000", 0,
     long_max, false, "How long compaction keeps tombstones, so that slow readers see them",
     "컴팩션이 툼스톤(tombstone)을 남겨 두는 시간. 뒤처진 컨슈머도 삭제를 볼 수 있게 함"},
    {"log.cleaner.enable", "", boolean, "true", "true", 0, 0, false,
     "Compact logs at all; without it compacted topics only grow",
     "로그 클리너 사용 여부. 끄면 컴팩션 토픽이 계속 커짐"},
    {"log.cleaner.max.compaction.lag.ms", "max.compaction.lag.ms", long_integer, "9223372036854775807",
     "9223372036854775807", 1, long_max, false,
     "A record is compacted after so long, however little is dirty",
     "정리할 양이 적어도 이 시간이 지난 레코드는 컴팩션 대상이 됨"},
    {"log.cleaner.min.cleanable.ratio", "min.cleanable.dirty.ratio", ratio, "0.5", "0.5", 0, 1, false,
     "A log is compacted when more than this part of it was written since the last time",
     "마지막 컴팩션 이후에 쓰인 비율이 이보다 크면 로그를 컴팩션"},
    {"log.cleaner.min.compaction.lag.ms", "min.compaction.lag.ms", long_integer, "0", "0", 0, long_max, false,
     "A record is not compacted before it is so old", "이 시간이 지나지 않은 레코드는 컴팩션하지 않음"},
    {"log.cleanup.policy", "cleanup.policy", list, "delete", "delete", 0, 0, false,
     "What happens to old records: delete them, compact (keep the last of each key), or both",
     "오래된 레코드의 처리 방식: delete는 삭제, compact는 키마다 마지막 레코드만 유지. 둘 다 지정 가능",
     "compact, delete"},
    {"log.flush.offset.checkpoint.interval.ms", "", integer, "60000", "60000", 0, int_max, false,
     "How often a broker writes to disk up to where its logs are flushed",
     "로그가 디스크에 플러시된 지점(recovery point)을 기록하는 간격"},
    {"log.flush.start.offset.checkpoint.interval.ms", "", integer, "60000", "60000", 0, int_max, false,
     "How often a broker writes to disk where its logs start", "로그 시작 오프셋을 디스크에 기록하는 간격"},
    {"log.index.interval.bytes", "index.interval.bytes", integer, "4096", "4096", 0, int_max, false,
     "Bytes of log between two entries of its offset index",
     "오프셋 인덱스 항목을 추가하는 로그 간격(바이트)"},
    {"log.index.size.max.bytes", "segment.index.bytes", integer, "10485760", "10485760", 4, int_max, false,
     "A segment is closed when one of its indexes reaches this size",
     "인덱스 파일이 이 크기가 되면 새 로그 세그먼트로 넘어감"},
    {"log.message.timestamp.after.max.ms", "message.timestamp.after.max.ms", long_integer, "3600000",
     "3600000", 0, long_max, false, "A record whose time is so far ahead of the broker's clock is refused",
     "타임스탬프가 브로커 시각보다 이보다 더 앞선 레코드는 거부"},
    {"log.message.timestamp.before.max.ms", "message.timestamp.before.max.ms", long_integer,
     "9223372036854775807", "9223372036854775807", 0, long_max, false,
     "A record whose time is so far behind the broker's clock is refused",
     "타임스탬프가 브로커 시각보다 이보다 더 뒤처진 레코드는 거부"},
    {"log.message.timestamp.type", "message.timestamp.type", text, "CreateTime", "CreateTime", 0, 0, false,
     "Whose clock stamps records: the producer's or the broker's",
     "레코드 타임스탬프 기준: 프로듀서 시각 또는 브로커 시각", "CreateTime, LogAppendTime"},
    {"log.retention.bytes", "retention.bytes", long_integer, "-1", "-1", long_min, long_max, false,
     "The oldest segments of a partition are deleted while it is larger than this; -1: however large",
     "파티션이 이 크기를 넘으면 오래된 세그먼트부터 삭제. -1이면 제한 없음"},
    {"log.retention.check.interval.ms", "", long_integer, "5000", "300000", 1, long_max, true,
     "How often a broker looks for segments to delete", "삭제할 세그먼트가 있는지 확인하는 간격"},
    {"log.retention.ms", "retention.ms", long_integer, "604800000", "604800000", -1, long_max, false,
     "Segments are deleted when their youngest record is older than this; -1: never",
     "가장 최근 레코드가 이보다 오래된 세그먼트를 삭제. -1이면 삭제하지 않음"},
    {"log.roll.ms", "segment.ms", long_integer, "604800000", "604800000", 1, long_max, false,
     "A segment is closed by a record that is so much younger than its first",
     "첫 레코드보다 이만큼 더 최근인 레코드가 오면 새 로그 세그먼트로 넘어감"},
    {"log.segment.bytes", "segment.bytes", integer, "1073741824", "1073741824", 1048576, int_max, false,
     "A segment of a log is closed at this size", "이 크기가 되면 새 로그 세그먼트로 넘어감"},
    {"log.segment.delete.delay.ms", "file.delete.delay.ms", long_integer, "60000", "60000", 0, long_max,
     false, "How long files that were deleted stay on disk under another name",
     "삭제한 파일을 이름만 바꿔 디스크에 남겨 두는 시간"},
    {"max.connections", "", integer, "2147483647", "2147483647", 0, int_max, false,
     "Connections taken at a time; more of them wait until one is closed (live only)",
     "동시에 받는 연결 수. 넘으면 다른 연결이 닫힐 때까지 대기(live 전용)"},
    {"max.connections.per.ip", "", integer, "2147483647", "2147483647", 0, int_max, false,
     "Connections taken from one address; more of them are closed at once (live only)",
     "주소 하나에서 받는 연결 수. 넘으면 바로 닫음(live 전용)"},
    {"message.max.bytes", "max.message.bytes", integer, "1048588", "1048588", 0, int_max, false,
     "Largest batch that a broker accepts", "브로커가 받는 레코드 배치의 최대 크기"},
    {"metadata.log.max.record.bytes.between.snapshots", "", long_integer, "20971520", "20971520", 1, long_max,
     false, "A node makes a snapshot of the metadata after so many bytes of new records",
     "새 메타데이터 레코드가 이만큼(바이트) 쌓이면 스냅샷을 생성"},
    {"metadata.log.max.snapshot.interval.ms", "", long_integer, "3600000", "3600000", 0, long_max, false,
     "A node makes a snapshot of the metadata so long after the last one; 0: only by bytes",
     "마지막 메타데이터 스냅샷 이후 이 시간이 지나면 새로 생성. 0이면 크기로만 판단"},
    {"metadata.log.segment.bytes", "", integer, "1073741824", "1073741824", 8388608, int_max, false,
     "A segment of the metadata log is closed at this size",
     "이 크기가 되면 메타데이터 로그의 새 세그먼트로 넘어감"},
    {"metadata.log.segment.ms", "", long_integer, "604800000", "604800000", 1, long_max, false,
     "A segment of the metadata log is closed by a record that is so much younger than its first",
     "첫 레코드보다 이만큼 더 최근인 레코드가 오면 메타데이터 로그의 새 세그먼트로 넘어감"},
    {"metadata.max.idle.interval.ms", "", integer, "500", "500", 0, int_max, true,
     "An idle active controller writes a NoOpRecord this often; 0 never",
     "유휴 상태의 액티브 컨트롤러가 NoOpRecord를 쓰는 간격. 0이면 쓰지 않음"},
    {"metadata.max.retention.bytes", "", long_integer, "104857600", "104857600", long_min, long_max, false,
     "Old snapshots go, and the log before them, while log and snapshots are larger than this; below 0: no "
     "limit",
     "메타데이터 로그와 스냅샷이 이 크기를 넘으면 오래된 것부터 삭제. 음수면 제한 없음"},
    {"metadata.max.retention.ms", "", long_integer, "604800000", "604800000", long_min, long_max, false,
     "Snapshots older than this go, and the log before them; below 0: never",
     "이보다 오래된 메타데이터 스냅샷과 그 앞의 로그를 삭제. 음수면 삭제하지 않음"},
    {"min.insync.replicas", "min.insync.replicas", integer, "1", "1", 1, int_max, false,
     "With acks=all a write needs so many replicas in sync", "acks=all 쓰기에 필요한 최소 ISR 수"},
    {"num.partitions", "", integer, "3", "1", 1, int_max, false,
     "Partitions of a topic that does not say how many", "파티션 수를 지정하지 않은 토픽의 파티션 수"},
    {"producer.id.expiration.check.interval.ms", "", integer, "600000", "600000", 1, int_max, false,
     "How often a broker looks for producers to forget", "잊을 프로듀서 ID가 있는지 확인하는 간격"},
    {"producer.id.expiration.ms", "", integer, "86400000", "86400000", 1, int_max, false,
     "A partition forgets an idempotent producer that has written nothing for so long",
     "이 시간 동안 쓰지 않은 멱등 프로듀서의 상태를 파티션에서 삭제"},
    {"queued.max.request.bytes", "", long_integer, "-1", "-1", -1, long_max, false,
     "No new requests are read while so many bytes of them are held (live only); -1 no limit",
     "처리 중인 요청이 이 크기(바이트)에 이르면 새 요청을 읽지 않음(live 전용). -1이면 제한 없음"},
    {"replica.fetch.backoff.ms", "", integer, "100", "1000", 0, int_max, true,
     "How long a follower waits after a fetch that failed",
     "페치에 실패한 팔로워가 재시도까지 기다리는 시간"},
    {"replica.fetch.max.bytes", "", integer, "1048576", "1048576", 0, int_max, false,
     "Bytes of one partition that a follower fetches at a time",
     "팔로워가 파티션마다 한 번에 페치하는 바이트"},
    {"replica.fetch.response.max.bytes", "", integer, "10485760", "10485760", 0, int_max, false,
     "Most bytes that a follower's fetch is answered with", "팔로워 페치 응답 하나의 최대 바이트"},
    {"replica.fetch.wait.max.ms", "", integer, "500", "500", 0, int_max, true,
     "How long a leader may hold a follower's fetch when nothing is new",
     "새 레코드가 없을 때 리더가 팔로워의 페치에 응답을 미루는 최대 시간"},
    {"replica.high.watermark.checkpoint.interval.ms", "", long_integer, "5000", "5000", 1, long_max, false,
     "How often a broker writes its high watermarks to disk", "하이 워터마크를 디스크에 기록하는 간격"},
    {"replica.lag.time.max.ms", "", long_integer, "3000", "30000", 0, long_max, true,
     "A follower that has not caught up for so long leaves the in-sync set",
     "이 시간 동안 리더를 따라잡지 못한 팔로워는 ISR에서 제외"},
    {"socket.request.max.bytes", "", integer, "104857600", "104857600", 1, int_max, false,
     "Largest request frame; a longer one closes the connection",
     "요청 하나의 최대 크기. 넘으면 연결을 끊음"},
    {"unclean.leader.election.enable", "unclean.leader.election.enable", boolean, "false", "false", 0, 0,
     false, "A replica outside the in-sync set may lead when no other is left: records can be lost",
     "ISR에 남은 복제본이 없을 때 ISR 밖의 복제본도 리더로 선출. 레코드가 유실될 수 있음"},
    {"unclean.leader.election.interval.ms", "", long_integer, "5000", "300000", 1, long_max, true,
     "How often the controller looks for partitions without a leader that may be led uncleanly",
     "리더 없는 파티션 중 unclean 선출이 허용된 것이 있는지 컨트롤러가 확인하는 간격"},
};

bool parse_number(std::string_view text, int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

size_t edits(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const SettingSpec> all_settings() { return table; }

const SettingSpec* find_setting(std::string_view name) {
  for (const SettingSpec& spec : table)
    if (spec.name == name) return &spec;
  return nullptr;
}

const SettingSpec* find_topic_setting(std::string_view topic_name) {
  for (const SettingSpec& spec : table)
    if (!spec.topic_name.empty() && spec.topic_name == topic_name) return &spec;
  return nullptr;
}

std::string nearest_name(std::string_view name, std::span<const std::string> candidates) {
  std::string best;
  size_t least = std::max<size_t>(2, name.size() / 3) + 1;  // farther away nobody can have meant it
  for (const std::string& candidate : candidates) {
    const size_t distance = candidate.starts_with(name) ? 1 : edits(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

bool is_choice(const SettingSpec& spec, std::string_view value) {
  const std::vector<std::string> choices = split_list(spec.choices);
  const auto is_one = [&](std::string_view word) {
    return choices.empty() || std::find(choices.begin(), choices.end(), word) != choices.end();
  };
  if (spec.type != list) return is_one(value);
  const std::vector<std::string> words = split_list(value);
  return std::all_of(words.begin(), words.end(), is_one);
}

std::vector<std::string> split_list(std::string_view value) {
  std::vector<std::string> words;
  if (trimmed(value).empty()) return words;
  for (size_t at = 0; at <= value.size();) {
    const size_t end = std::min(value.find(',', at), value.size());
    words.emplace_back(trimmed(value.substr(at, end - at)));
    at = end + 1;
  }
  return words;
}

std::optional<int64_t> parse_ratio_millionths(std::string_view value) {
  constexpr size_t digits = 6;
  const size_t point = std::min(value.find('.'), value.size());
  const std::string_view whole = value.substr(0, point);
  std::string fraction(value.substr(std::min(point + 1, value.size())));
  const auto are_digits = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if ((whole.empty() && fraction.empty()) || !are_digits(whole) || !are_digits(fraction)) return std::nullopt;
  fraction.resize(digits, '0');
  int64_t ones = 0;
  int64_t millionths = 0;
  if (!whole.empty() && !parse_number(whole, ones)) return std::nullopt;
  parse_number(fraction, millionths);
  if (ones > 1 || (ones == 1 && millionths > 0)) return std::nullopt;
  return ones * 1'000'000 + millionths;
}

Status check_value(const SettingSpec& spec, std::string_view value) {
  switch (spec.type) {
    case boolean:
      if (value == "true" || value == "false") return {};
      return Status::error(StatusCode::invalid,
                           fmt::format("{} takes true or false, not '{}'", spec.name, value));
    case integer:
    case long_integer: {
      int64_t number = 0;
      if (!parse_number(value, number))
        return Status::error(StatusCode::invalid,
                             fmt::format("{} takes a whole number, not '{}'", spec.name, value));
      if (number < spec.minimum || number > spec.maximum)
        return Status::error(StatusCode::invalid, fmt::format("{} takes {} to {}, not {}", spec.name,
                                                              spec.minimum, spec.maximum, number));
      return {};
    }
    case ratio:
      if (parse_ratio_millionths(value)) return {};
      return Status::error(StatusCode::invalid, fmt::format("{} takes a number between {} and {}, not '{}'",
                                                            spec.name, spec.minimum, spec.maximum, value));
    case text:
      if (is_choice(spec, value)) return {};
      return Status::error(StatusCode::invalid,
                           fmt::format("{} takes one of {}, not '{}'", spec.name, spec.choices, value));
    case list:
      if (is_choice(spec, value)) return {};
      return Status::error(
          StatusCode::invalid,
          fmt::format("{} takes some of {}, separated by commas, not '{}'", spec.name, spec.choices, value));
  }
  return {};
}

Status Settings::set(std::string_view name, std::string_view value) {
  const SettingSpec* spec = find_setting(name);
  if (spec == nullptr) {
    std::vector<std::string> names;
    for (const SettingSpec& known : table) names.emplace_back(known.name);
    const std::string nearest = nearest_name(name, names);
    return Status::error(StatusCode::not_found,
                         fmt::format("the lab has no setting '{}'.{}", name,
                                     nearest.empty() ? "" : fmt::format(" Did you mean {}?", nearest)));
  }
  if (Status status = check_value(*spec, value); !status) return status;
  changed_[std::string(name)] = std::string(value);
  return {};
}

std::string Settings::get(std::string_view name) const {
  if (const auto it = changed_.find(std::string(name)); it != changed_.end()) return it->second;
  return default_of(name);
}

std::string Settings::default_of(std::string_view name) const {
  const SettingSpec* spec = find_setting(name);
  BROKERLAB_ASSERT_THAT(spec != nullptr, std::string(name));
  const bool kafka = spec->is_timer && timers_ == Timers::kafka;
  return std::string(kafka ? spec->kafka_default : spec->lab_default);
}

int64_t Settings::number(std::string_view name) const {
  int64_t number = 0;
  BROKERLAB_ASSERT_THAT(parse_number(get(name), number), std::string(name));
  return number;
}

bool Settings::flag(std::string_view name) const { return get(name) == "true"; }

}  // namespace brokerlab
