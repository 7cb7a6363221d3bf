using CsCheck;
using Reco.Training.Data;
using Reco.Training.Data.Storage;

namespace Reco.Training.Tests.Data;

public sealed class EventSorterTests : IDisposable
{
    private static readonly Gen<Interaction[]> Logs = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Long[0, 9], (user, item, time) => new Interaction(user, item, time)).Array[1, 80];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Finish_MoreEventsThanMayBeInMemory_GivesTheSameLogAndHistories() =>
        Gen.Select(Logs, Gen.Int[1, 30], Gen.Bool).Sample((log, most, drop) =>
        {
            using var storage = new EventStorage(most, folder.Path);
            var (small, whole) = (Sort(log, storage, drop), Sort(log, EventStorage.InMemory, drop));
            Assert.Equal(drop ? log.Distinct().Order() : log.Order(), whole);
            Assert.Equal(whole, small);
            Assert.All(Enumerable.Range(0, 4), user => Assert.Equal(whole.Histories(4).All(user), small.Histories(4).All(user)));
            Assert.All(Enumerable.Range(0, 4), user => Assert.Equal(whole.Histories(4).Before(user, 5, 3), small.Histories(4).Before(user, 5, 3)));
            Assert.Equal(log.Count(entry => entry.Time < 5), small[..small.Before(5)].Length + (drop ? log.Count(entry => entry.Time < 5) - log.Distinct().Count(entry => entry.Time < 5) : 0));
        }, iter: 200);

    [Fact]
    public void Finish_InFiles_LeavesNoFile()
    {
        using (var storage = new EventStorage(2, folder.Path))
        {
            Assert.Equal(9, Sort([.. Enumerable.Range(0, 9).Select(step => new Interaction(step % 3, step, -step))], storage, drop: false).Histories(3).Of(0).Length * 3);
            Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        }

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Free_RoomInAFile_UnmapsItAndLeavesTheRest()
    {
        using var storage = new EventStorage(2, folder.Path);
        var (gone, kept, small) = (storage.Room<int>(3), storage.Room<int>(3), storage.Room<int>(2));
        storage.Free(gone);
        storage.Free(small);
        Assert.Throws<ObjectDisposedException>(() => gone.Span[0]);
        Assert.Equal(0, kept.Span[2]);
        Assert.Equal(0, small.Span[1]);
    }

    [Fact]
    public void Add_FolderThatIsNotThere_SaysWhichAndWhatToDo()
    {
        using var storage = new EventStorage(1, Path.Combine(folder.Path, "gone"));
        var error = Assert.Throws<TrainingException>(() => Sort([new(0, 0, 1), new(0, 0, 2)], storage, drop: false));
        Assert.Contains("gone", error.Message, StringComparison.Ordinal);
        Assert.Contains("TMPDIR", error.Message, StringComparison.Ordinal);
    }

    private static InteractionLog Sort(Interaction[] log, EventStorage storage, bool drop)
    {
        using var sorter = new EventSorter(storage);
        foreach (var entry in log)
        {
            sorter.Add(entry);
        }

        return sorter.Finish(_ => drop, CancellationToken.None);
    }
}
