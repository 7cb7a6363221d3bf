using System.Globalization;
using Reco.Training.Data.Storage;

namespace Reco.Training.Data;

/// <summary>Loads a folder in the layout of the Complete Journey data: <c>transactions.csv[.gz]</c>,
/// <c>products.csv[.gz]</c> and, where it is there, <c>households.csv[.gz]</c>.</summary>
internal static class CompleteJourneyLoader
{
    private static readonly string[] Features = ["department", "product_category", "product_type", "brand", "manufacturer_id"];

    /// <summary>Loads and checks a folder.</summary>
    /// <exception cref="TrainingException">A file or column is missing or a line is malformed; the message names it.</exception>
    public static async Task<Shop> LoadAsync(string folder, EventStorage storage, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            throw new TrainingException($"--data: there is no folder {folder}.");
        }

        var transactions = Find(folder, "transactions");
        var products = Find(folder, "products");
        var findings = new FindingCounter();
        var catalogue = ReadProducts(products, findings, cancellation);
        var (users, items) = (new Indices(), new Indices());
        using var sorter = new EventSorter(storage);
        ReadTransactions(transactions, users, items, sorter, findings, cancellation);
        var list = Item.Join(items.Names, catalogue, id =>
        {
            findings.Add("products bought that have no catalogue row", $"product_id {id}", "kept, named by ID");
            return new Item(id, $"Product {id}", [.. Features.Select(_ => "")]);
        });
        return new Shop
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            Interactions = sorter.Finish(static _ => false, cancellation),
            Hash = await FileHash.OfAsync([transactions, products], cancellation).ConfigureAwait(false),
            Users = [.. users.Names],
            Items = list,
            FeatureNames = Features,
            Findings = findings.ToList(),
        };
    }

    private static string Find(string folder, string name)
    {
        foreach (var file in new[] { $"{name}.csv.gz", $"{name}.csv" })
        {
            if (File.Exists(Path.Combine(folder, file)))
            {
                return Path.Combine(folder, file);
            }
        }

        throw new TrainingException($"{folder} has no {name}.csv or {name}.csv.gz; the folder must hold transactions and products in the Complete Journey layout.");
    }

    private static Dictionary<string, Item> ReadProducts(string path, FindingCounter findings, CancellationToken cancellation)
    {
        var catalogue = new Dictionary<string, Item>(StringComparer.Ordinal);
        using var file = CsvFile.Open(path, ["product_id", "package_size", .. Features]);
        var (idColumn, size, columns) = (file.Column("product_id"), file.Column("package_size"), Features.Select(file.Column).ToArray());
        while (file.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            var id = $"{file.Required(idColumn)}";
            var features = columns.Select(column => $"{file.Optional(column)}").ToArray();
            for (var column = 0; column < features.Length; column++)
            {
                if (features[column].Length == 0)
                {
                    findings.Add($"products without {Features[column]}", $"{file.Place}", "kept, the field is empty");
                }
            }

            if (!catalogue.TryAdd(id, new Item(id, DisplayName(features[2], features[1], $"{file.Optional(size)}", id), features)))
            {
                findings.Add("catalogue rows with an ID that came before", $"{file.Place}: product_id {id}", "dropped, the first one counts");
            }
        }

        return catalogue;
    }

    private static void ReadTransactions(string path, Indices users, Indices items, EventSorter sorter, FindingCounter findings, CancellationToken cancellation)
    {
        using var file = CsvFile.Open(path, "household_id", "product_id", "quantity", "transaction_timestamp");
        var (userColumn, itemColumn, quantity, timeColumn) = (file.Column("household_id"), file.Column("product_id"), file.Column("quantity"), file.Column("transaction_timestamp"));
        while (file.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            var user = file.Required(userColumn);
            var item = file.Required(itemColumn);
            var time = file.Time(timeColumn);
            if (file.Number(quantity) <= 0)
            {
                // A line without a quantity is a coupon or a return: nothing was bought.
                findings.Add("transactions with no positive quantity", $"{file.Place}", "dropped, nothing was bought");
                continue;
            }

            sorter.Add(new Interaction(users.Of(user), items.Of(item), time));
        }

        if (sorter.Count == 0)
        {
            throw new TrainingException($"{path} has no transaction; there is nothing to train on.");
        }
    }

    private static string DisplayName(string type, string category, string size, string id)
    {
        var name = type.Length > 0 ? type : category.Length > 0 ? category : $"Product {id}";
        var title = CultureInfo.InvariantCulture.TextInfo.ToTitleCase(name.ToLowerInvariant());
        var unit = string.Join(' ', size.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return unit.Length == 0 ? title : $"{title}, {unit}";
    }
}
