// The promises of Disk, on both disks; then what only one of them has.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "sim/wire/kafka/record_batch.h"
#include "tests/unit/storage/disks.h"

namespace brokerlab {
namespace {

Slices text(std::string_view a) { return {Bytes::copy_of(a)}; }

std::string whole(Disk& disk, FileId file) {
  return std::string(disk.read(file, 0, disk.size(file).value()).value().text());
}

}  // namespace

TEST_CASE_TEMPLATE("what was appended is read back, in any range", Machine, OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  const FileId file = machine.disk.open("a/b/log", true).value();
  std::string expected;
  for (int i = 0; i < 400; ++i) {
    const std::string line = "record " + std::to_string(i) + '\n';
    REQUIRE(machine.disk.append(file, Slices{Bytes::copy_of(line), Bytes(), Bytes::copy_of(line)}).ok());
    expected += line + line;
  }
  CHECK(machine.disk.size(file).value() == expected.size());
  CHECK(whole(machine.disk, file) == expected);
  CHECK(machine.disk.read(file, 1000, 3000).value().text() == expected.substr(1000, 3000));
  CHECK(content(machine, machine.disk.slices(file, 1000, 3000).value()) == expected.substr(1000, 3000));
  CHECK(machine.disk.read(file, expected.size() - 5, 1 << 30).value().size() == 5);
  CHECK(machine.disk.read(file, expected.size() + 5, 10).value().empty());
  CHECK(machine.disk.read_file("a/b/log").value().text() == expected);
  machine.disk.close(file);
  CHECK(machine.disk.append(file, text("x")).code == StatusCode::not_found);

  const FileId again = machine.disk.open("a/b/log", false).value();
  CHECK(again != file);
  CHECK(whole(machine.disk, again) == expected);
}

TEST_CASE_TEMPLATE("a slice stays as it was handed out, whatever happens to its file", Machine,
                   OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  const FileId file = machine.disk.open("log", true).value();
  REQUIRE(machine.disk.append(file, text("0123456789")).ok());
  const Slices slices = machine.disk.slices(file, 2, 8).value();
  const Bytes read = machine.disk.read(file, 2, 8).value();

  REQUIRE(machine.disk.truncate(file, 4).ok());
  REQUIRE(machine.disk.append(file, text("abcdefghij")).ok());
  CHECK(whole(machine.disk, file) == "0123abcdefghij");
  CHECK(content(machine, slices) == "23456789");
  CHECK(read.text() == "23456789");

  const Slices later = machine.disk.slices(file, 3, 4).value();
  machine.disk.close(file);
  REQUIRE(machine.disk.remove_file("log").ok());
  const FileId other = machine.disk.open("log", true).value();
  REQUIRE(machine.disk.append(other, text("something else")).ok());
  CHECK(content(machine, slices) == "23456789");
  CHECK(content(machine, later) == "3abc");
  machine.restart();
  CHECK(content(machine, later) == "3abc");
}

TEST_CASE_TEMPLATE("a file that nobody sends from is cut where it lies", Machine, OnSimulatedDisk,
                   OnRealDisk) {
  Machine machine;
  const FileId file = machine.disk.open("log", true).value();
  REQUIRE(machine.disk.append(file, text("0123456789")).ok());
  REQUIRE(machine.disk.truncate(file, 10).ok());
  REQUIRE(machine.disk.truncate(file, 3).ok());
  CHECK(whole(machine.disk, file) == "012");
  REQUIRE(machine.disk.truncate(file, 0).ok());
  CHECK(machine.disk.slices(file, 0, 0).value().empty());
  REQUIRE(machine.disk.append(file, text("x")).ok());
  machine.restart();
  CHECK(machine.disk.read_file("log").value().text() == "x");
}

TEST_CASE_TEMPLATE("no path leads out of the disk", Machine, OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  for (const std::string path :
       {"", "/", "/etc/passwd", "..", "../x", "a/../../x", "a//b", "a/", "./a", "a/./b"}) {
    CAPTURE(path);
    CHECK(machine.disk.open(path, true).status().code == StatusCode::invalid);
    CHECK(machine.disk.read_file(path).status().code == StatusCode::invalid);
    CHECK(machine.disk.replace_file(path, Bytes(), Durability::cached).code == StatusCode::invalid);
    CHECK(machine.disk.rename("a", path).code == StatusCode::invalid);
    CHECK(machine.disk.rename(path, "a").code == StatusCode::invalid);
    CHECK(machine.disk.remove_file(path).code == StatusCode::invalid);
    CHECK(machine.disk.remove_folder(path).code == StatusCode::invalid);
    CHECK(machine.disk.make_folder(path).code == StatusCode::invalid);
    CHECK_FALSE(machine.disk.exists(path));
  }
  CHECK(machine.disk.list("../").empty());
  CHECK(machine.disk.list("").empty());
}

TEST_CASE_TEMPLATE("folders are made, listed, renamed and removed with all that is in them", Machine,
                   OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  Disk& disk = machine.disk;
  REQUIRE(disk.make_folder("orders-0/inner").ok());
  REQUIRE(disk.make_folder("orders-0").ok());
  REQUIRE(disk.replace_file("orders-0/b", Bytes::copy_of("b"), Durability::cached).ok());
  REQUIRE(disk.replace_file("orders-0/a", Bytes::copy_of("a"), Durability::synced).ok());
  REQUIRE(disk.replace_file("orders-0/inner/c", Bytes::copy_of("c"), Durability::cached).ok());
  REQUIRE(disk.replace_file("orders-00", Bytes(), Durability::cached).ok());
  CHECK(disk.list("") == std::vector<std::string>{"orders-0/", "orders-00"});
  CHECK(disk.list("orders-0") == std::vector<std::string>{"a", "b", "inner/"});
  CHECK(disk.list("nowhere").empty());

  REQUIRE(disk.rename("orders-0", "orders-0.delete").ok());
  CHECK_FALSE(disk.exists("orders-0"));
  CHECK(disk.read_file("orders-0.delete/inner/c").value().text() == "c");
  REQUIRE(disk.rename("orders-0.delete/a", "orders-0.delete/b").ok());
  CHECK(disk.read_file("orders-0.delete/b").value().text() == "a");
  CHECK(disk.rename("orders-0.delete", "orders-0.delete/inner/x").code == StatusCode::invalid);
  REQUIRE(disk.make_folder("taken").ok());
  CHECK(disk.rename("orders-0.delete", "taken").code == StatusCode::already_exists);
  CHECK(disk.rename("nowhere", "x").code == StatusCode::not_found);

  REQUIRE(disk.remove_folder("orders-0.delete").ok());
  CHECK(disk.list("") == std::vector<std::string>{"orders-00", "taken/"});
  CHECK(disk.remove_folder("orders-0.delete").code == StatusCode::not_found);
  CHECK(disk.remove_file("nowhere").code == StatusCode::not_found);
  CHECK(disk.read_file("nowhere").status().code == StatusCode::not_found);
  CHECK(disk.open("nowhere/x", false).status().code == StatusCode::not_found);
}

TEST_CASE_TEMPLATE("a file is no folder and a folder no file", Machine, OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  REQUIRE(machine.disk.make_folder("folder").ok());
  REQUIRE(machine.disk.replace_file("file", Bytes(), Durability::cached).ok());
  CHECK(machine.disk.open("folder", true).status().code == StatusCode::invalid);
  CHECK(machine.disk.open("file/x", true).status().code == StatusCode::invalid);
  CHECK(machine.disk.replace_file("file/x", Bytes(), Durability::cached).code == StatusCode::invalid);
  CHECK_FALSE(machine.disk.make_folder("file").ok());
  CHECK_FALSE(machine.disk.replace_file("folder", Bytes(), Durability::cached).ok());
}

TEST_CASE_TEMPLATE("replacing a file that is being read shows the old content or the new", Machine,
                   OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  REQUIRE(machine.disk.replace_file("meta", Bytes::copy_of("old"), Durability::cached).ok());
  const FileId reader = machine.disk.open("meta", false).value();
  REQUIRE(machine.disk.replace_file("meta", Bytes::copy_of("new content"), Durability::synced).ok());
  CHECK(whole(machine.disk, reader) == "old");
  CHECK(machine.disk.read_file("meta").value().text() == "new content");
  CHECK(machine.disk.list("") == std::vector<std::string>{"meta"});
}

// ---- the simulated disk -----------------------------------------------------------------------------------

TEST_CASE("a clone and its original go separate ways from the same bytes") {
  SimulatedDisk original;
  const FileId log = original.open("log", true).value();
  REQUIRE(original.append(log, text("common ")).ok());
  const std::unique_ptr<SimulatedDisk> clone = original.clone();
  const Slices before = clone->slices(log, 0, 7).value();

  REQUIRE(original.append(log, text("original")).ok());
  REQUIRE(clone->append(log, text("clone")).ok());
  REQUIRE(original.append(log, text("!")).ok());
  REQUIRE(clone->append(log, text("?")).ok());
  REQUIRE(clone->replace_file("only-here", Bytes(), Durability::cached).ok());
  CHECK(whole(original, log) == "common original!");
  CHECK(whole(*clone, log) == "common clone?");
  CHECK_FALSE(original.exists("only-here"));
  REQUIRE(original.truncate(log, 3).ok());
  REQUIRE(original.append(log, text("e here")).ok());
  CHECK(whole(original, log) == "come here");
  CHECK(whole(*clone, log) == "common clone?");
  CHECK(std::get<Bytes>(before[0]).text() == "common ");
  CHECK(original.open("next", true).value() == clone->open("next", true).value());
}

TEST_CASE_TEMPLATE("a power loss keeps what was flushed, no more", Machine, OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  auto& disk = machine.disk;
  const FileId log = disk.open("orders-0/log", true).value();
  REQUIRE(disk.append(log, text("flushed")).ok());
  REQUIRE(machine.sync(log).ok());
  REQUIRE(disk.append(log, text(" and not flushed")).ok());
  const FileId cut = disk.open("cut", true).value();
  REQUIRE(disk.append(cut, text("0123456789")).ok());
  REQUIRE(machine.sync(cut).ok());
  REQUIRE(disk.truncate(cut, 4).ok());
  REQUIRE(disk.append(cut, text("abc")).ok());
  const FileId sent = disk.open("sent", true).value();
  REQUIRE(disk.append(sent, text("0123456789")).ok());
  REQUIRE(machine.sync(sent).ok());
  {
    const Slices under_way = disk.slices(sent, 0, 10).value();
    REQUIRE(disk.truncate(sent, 6).ok());
  }
  REQUIRE(disk.append(sent, text("abc")).ok());
  REQUIRE(disk.replace_file("vote", Bytes::copy_of("for 2"), Durability::synced).ok());
  REQUIRE(disk.replace_file("note", Bytes::copy_of("lost"), Durability::cached).ok());
  const FileId renamed = disk.open("before", true).value();
  REQUIRE(disk.append(renamed, text("all")).ok());
  REQUIRE(machine.sync(renamed).ok());
  REQUIRE(disk.append(renamed, text(" or not")).ok());
  disk.close(renamed);
  REQUIRE(disk.rename("before", "after").ok());

  machine.restart();
  CHECK(machine.sync(log).code == StatusCode::not_found);
  const std::vector<DiskDamage> lost{
      {"after", 3, 10}, {"cut", 4, 7}, {"note", 0, 4}, {"orders-0/log", 7, 23}, {"sent", 6, 9}};
  CHECK(disk.power_loss() == lost);
  CHECK(disk.read_file("orders-0/log").value().text() == "flushed");
  CHECK(disk.read_file("cut").value().text() == "0123");
  CHECK(disk.read_file("sent").value().text() == "012345");
  CHECK(disk.read_file("vote").value().text() == "for 2");
  CHECK(disk.read_file("note").value().empty());
  CHECK(disk.power_loss().empty());
  const FileId again = disk.open("orders-0/log", false).value();
  REQUIRE(disk.append(again, text(", then more")).ok());
  CHECK(whole(disk, again) == "flushed, then more");
}

TEST_CASE_TEMPLATE("a torn write ends in the middle of the last append", Machine, OnSimulatedDisk,
                   OnRealDisk) {
  Machine machine;
  auto& disk = machine.disk;
  CHECK(disk.tear_last_append().empty());
  const FileId other = disk.open("a", true).value();
  const FileId log = disk.open("b", true).value();
  REQUIRE(disk.append(other, text("not the last")).ok());
  REQUIRE(disk.append(log, text("whole ")).ok());
  REQUIRE(disk.append(log, text("0123456789")).ok());
  SUBCASE("that was not flushed") {
    machine.restart();
    CHECK(disk.tear_last_append() == std::vector<DiskDamage>{{"b", 11, 16}});
    CHECK(disk.read_file("b").value().text() == "whole 01234");
    CHECK(disk.read_file("a").value().text() == "not the last");
    // With a power loss, that half is what the disk had done.
    CHECK(disk.power_loss() == std::vector<DiskDamage>{{"a", 0, 12}});
    CHECK(disk.read_file("b").value().text() == "whole 01234");
    CHECK(disk.tear_last_append().empty());
  }
  SUBCASE("and not of one that was") {
    REQUIRE(machine.sync(log).ok());
    machine.restart();
    CHECK(disk.tear_last_append().empty());
  }
  SUBCASE("nor of one that was cut off since") {
    REQUIRE(disk.truncate(log, 6).ok());
    machine.restart();
    CHECK(disk.tear_last_append().empty());
  }
}

TEST_CASE("a flipped bit changes one byte, and no slice that was handed out") {
  OnSimulatedDisk machine;
  auto& disk = machine.disk;
  const FileId log = disk.open("orders-0/0.log", true).value();
  REQUIRE(disk.append(log, text("0123456789")).ok());
  REQUIRE(disk.append(log, text("abcdefghij")).ok());
  const Slices before = disk.slices(log, 0, 20).value();
  Random random(3);
  REQUIRE(disk.flip_bit("orders-0", random).size() == 1);
  CHECK(content(machine, before) == "0123456789abcdefghij");
  CHECK(whole(disk, log) != "0123456789abcdefghij");
  REQUIRE(disk.append(log, text("k")).ok());
  CHECK(whole(disk, log).size() == 21);
}

TEST_CASE_TEMPLATE("bits flip in closed segments of the log that is named, or anywhere", Machine,
                   OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  auto& disk = machine.disk;
  for (const char* path : {"orders-0/0.log", "orders-0/5.log", "orders-0/5.index", "orders-1/0.log"}) {
    const FileId file = disk.open(path, true).value();
    REQUIRE(disk.append(file, text("0123456789")).ok());
  }
  machine.restart();
  Random random(1);
  CHECK(disk.flip_bit("no-such-0", random).empty());
  for (int i = 0; i < 20; ++i) {
    const std::vector<DiskDamage> damage = disk.flip_bit("orders-0", random);
    REQUIRE(damage.size() == 1);
    CHECK(damage[0].path == "orders-0/0.log");
    CHECK(damage[0].to_bytes == damage[0].from_bytes + 1);
  }
  CHECK(disk.read_file("orders-0/5.log").value().text() == "0123456789");
  CHECK(disk.flip_bit("orders-1", random).at(0).path == "orders-1/0.log");  // it has no closed one
  std::set<std::string> hit;
  for (int i = 0; i < 100; ++i) hit.insert(disk.flip_bit("", random).at(0).path);
  CHECK(hit.size() == 4);
}

TEST_CASE_TEMPLATE("bits flip where the checksums of records tell", Machine, OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  auto& disk = machine.disk;
  const Bytes batch = [] {
    kafka::RecordBatchBuilder builder({});
    builder.append(0, std::nullopt, Bytes::copy_of("tea").span());
    return builder.build();
  }();
  for (const char* path : {"orders-0/0.log", "__cluster_metadata-0/0.log"}) {
    const FileId file = disk.open(path, true).value();
    for (int i = 0; i < 3; ++i) REQUIRE(disk.append(file, std::vector<Slice>{batch}).ok());
  }
  REQUIRE(disk.append(disk.open("meta.properties", true).value(), text("0123456789")).ok());
  machine.restart();
  Random random(1);
  std::set<std::string> hit;
  for (int i = 0; i < 40; ++i) {
    const DiskDamage damage = disk.flip_bit("records", random).at(0);
    hit.insert(damage.path);
    const Bytes content = disk.read_file(damage.path).value();
    const uint64_t begin = damage.from_bytes / batch.size() * batch.size();
    CHECK(damage.from_bytes - begin >= kafka::RecordBatchHeader::crc_covers_from);
    CHECK(!kafka::has_right_crc(content.subview(begin, batch.size())));
    machine.restart();
  }
  CHECK(hit.size() == 2);
}

TEST_CASE_TEMPLATE("a wiped disk says what was on it", Machine, OnSimulatedDisk, OnRealDisk) {
  Machine machine;
  auto& disk = machine.disk;
  REQUIRE(disk.append(disk.open("orders-0/0.log", true).value(), text("0123")).ok());
  REQUIRE(disk.replace_file("vote", Bytes::copy_of("for 2"), Durability::synced).ok());
  machine.restart();
  CHECK(disk.wipe() == std::vector<DiskDamage>{{"orders-0/0.log", 0, 4}, {"vote", 0, 5}});
  CHECK(disk.list("").empty());
  REQUIRE(disk.append(disk.open("orders-0/0.log", true).value(), text("new")).ok());
}

TEST_CASE("a disk with faults fails what they say, and changes nothing") {
  SimulatedDisk disk;
  const FileId log = disk.open("log", true).value();
  REQUIRE(disk.append(log, text("0123")).ok());
  const auto codes = [&](DiskFaults faults) {
    FaultyDisk faulty(&disk, faults);
    const auto short_name = [](const Status& status) {
      return status.ok() ? '.' : status.code == StatusCode::disk_full ? 'f' : 'e';
    };
    std::string all;
    all += short_name(faulty.append(log, text("x")));
    all += short_name(faulty.read(log, 0, 1).status());
    all += short_name(faulty.slices(log, 0, 1).status());
    all += short_name(faulty.read_file("log").status());
    all += short_name(faulty.replace_file("note", Bytes::copy_of("n"), Durability::cached));
    all += short_name(faulty.replace_file("vote", Bytes::copy_of("v"), Durability::synced));
    all += short_name(faulty.open("new", true).status());
    all += short_name(faulty.make_folder("folder"));
    all += short_name(faulty.rename("note", "renamed"));
    all += short_name(faulty.truncate(log, 2));
    all += short_name(faulty.remove_file("renamed"));
    all += short_name(flush_failure(faults));
    CHECK(faulty.was_used());
    return all;
  };
  CHECK(codes({.fails = true}) == "eeeeeeeeeeee");
  CHECK(whole(disk, log) == "0123");
  CHECK(disk.list("").size() == 1);
  CHECK(codes({.is_full = true}) == "f...ffffe.e.");
  CHECK(whole(disk, log) == "01");
  CHECK(disk.list("").size() == 1);
  CHECK(codes({.flush_fails = true}) ==
        ".....e...."
        ".e");
  CHECK_FALSE(FaultyDisk(&disk, {}).was_used());
}

// ---- the real disk ----------------------------------------------------------------------------------------

TEST_CASE("a second lab cannot take a folder that is in use") {
  TemporaryFolder folder;
  {
    const auto first = RealDisk::open(folder.path()).value();
    const Status refused = RealDisk::open(folder.path()).status();
    CHECK(refused.code == StatusCode::unavailable);
    CHECK(refused.message.starts_with(folder.path().string() + " is in use by another brokerlab"));
  }
  CHECK(RealDisk::open(folder.path()).ok());
}

TEST_CASE("a folder that cannot be made is a clear error") {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const std::string below_a_file = (folder.path() / "file" / "data").string();
  const Status refused = RealDisk::open(below_a_file).status();
  CHECK(refused.code == StatusCode::io_error);
  CHECK(refused.message.starts_with(below_a_file + " cannot be created: "));
}

TEST_CASE("symbolic links are not followed, inside the folder or out of it") {
  OnRealDisk machine;
  TemporaryFolder outside;
  std::ofstream(outside.path() / "secret") << "secret";
  std::filesystem::create_directory_symlink(outside.path(), machine.folder.path() / "link");
  std::filesystem::create_symlink(outside.path() / "secret", machine.folder.path() / "file-link");
  CHECK(machine.disk.open("link/secret", false).status().code == StatusCode::invalid);
  CHECK(machine.disk.open("link/new", true).status().code == StatusCode::invalid);
  CHECK(machine.disk.open("file-link", false).status().code == StatusCode::invalid);
  CHECK(machine.disk.read_file("file-link").status().code == StatusCode::invalid);
  CHECK(machine.disk.replace_file("link/x", Bytes(), Durability::cached).code == StatusCode::invalid);
  CHECK(machine.disk.list("link").empty());
  CHECK(machine.disk.remove_folder("link").code == StatusCode::invalid);
  REQUIRE(machine.disk.make_folder("topic").ok());
  std::filesystem::create_directory_symlink(outside.path(), machine.folder.path() / "topic" / "link");
  REQUIRE(machine.disk.remove_folder("topic").ok());
  CHECK(std::filesystem::exists(outside.path() / "secret"));
}

TEST_CASE("an append that fails half-way leaves the file as long as it was") {
  OnRealDisk machine;
  const FileId file = machine.disk.open("log", true).value();
  REQUIRE(machine.disk.append(file, text("whole")).ok());
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const Status refused = machine.disk.append(file, text(std::string(2000, 'x')));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  CHECK(refused.code == StatusCode::io_error);
  CHECK(refused.message.starts_with("log: "));
  CHECK(std::filesystem::file_size(machine.folder.path() / "log") == 5);
  REQUIRE(machine.disk.append(file, text(" again")).ok());
  CHECK(whole(machine.disk, file) == "whole again");
}

TEST_CASE("many slices are one append") {
  OnRealDisk machine;
  const FileId file = machine.disk.open("log", true).value();
  Slices slices;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    expected += std::to_string(i);
    slices.emplace_back(Bytes::copy_of(std::to_string(i)));
  }
  REQUIRE(machine.disk.append(file, slices).ok());
  REQUIRE(machine.disk.prepare_sync(file).run().ok());
  CHECK(machine.disk.read_file("log").value().text() == expected);
}

}  // namespace brokerlab
