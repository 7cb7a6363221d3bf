namespace Reco.Training.Model.Direct;

/// <summary>An <see cref="ItemContent"/> without its empty slots.</summary>
internal sealed class ContentRows
{
    private readonly int[] starts;
    private readonly (int Value, float Weight)[] entries;

    /// <summary>Leaves out what weighs nothing.</summary>
    public ContentRows(ItemContent content)
    {
        var (items, slots) = (content.Ids.GetLength(0), content.Ids.GetLength(1));
        starts = new int[items + 1];
        var kept = new List<(int, float)>();
        for (var item = 0; item < items; item++)
        {
            for (var slot = 0; slot < slots; slot++)
            {
                if (content.Weights[item, slot] != 0)
                {
                    kept.Add(((int)content.Ids[item, slot], content.Weights[item, slot]));
                }
            }

            starts[item + 1] = kept.Count;
        }

        entries = [.. kept];
        Values = content.Values;
    }

    /// <summary>Size of the vocabulary.</summary>
    public int Values { get; }

    /// <summary>Content of an item.</summary>
    public ReadOnlySpan<(int Value, float Weight)> this[int item] => entries.AsSpan(starts[item]..starts[item + 1]);
}
