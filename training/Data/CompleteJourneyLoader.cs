using System.Globalization;

namespace Reco.Training.Data;

/// <summary>Loads a folder in the layout of the Complete Journey data: <c>transactions.csv[.gz]</c>,
/// <c>products.csv[.gz]</c> and, where it is there, <c>households.csv[.gz]</c>.</summary>
internal static class CompleteJourneyLoader
{
    private static readonly string[] Features = ["department", "product_category", "product_type", "brand", "manufacturer_id"];

    /// <summary>Loads and checks a folder.</summary>
    /// <exception cref="TrainingException">A file or column is missing or a line is malformed; the message names it.</exception>
    public static async Task<Shop> LoadAsync(string folder, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            throw new TrainingException($"--data: there is no folder {folder}.");
        }

        var transactions = Find(folder, "transactions");
        var products = Find(folder, "products");
        var findings = new FindingCounter();
        var catalogue = await ReadProductsAsync(products, findings, cancellation).ConfigureAwait(false);
        var users = new Dictionary<string, int>(StringComparer.Ordinal);
        var items = new Dictionary<string, int>(StringComparer.Ordinal);
        var interactions = await ReadTransactionsAsync(transactions, users, items, findings, cancellation).ConfigureAwait(false);

        var list = new List<Item>(catalogue.Count);
        foreach (var (id, _) in items)
        {
            if (catalogue.TryGetValue(id, out var known))
            {
                list.Add(known);
            }
            else
            {
                findings.Add("products bought that have no catalogue row", $"product_id {id}", "kept, named by ID");
                list.Add(new Item(id, $"Product {id}", [.. Features.Select(_ => "")]));
            }
        }

        list.AddRange(catalogue.Values.Where(item => !items.ContainsKey(item.Id)));
        Array.Sort(interactions, (left, right) => (left.Time, left.User, left.Item).CompareTo((right.Time, right.User, right.Item)));
        return new Shop
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            Hash = await FileHash.OfAsync([transactions, products], cancellation).ConfigureAwait(false),
            Users = [.. users.Keys],
            Items = list,
            FeatureNames = Features,
            Interactions = interactions,
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

    private static async Task<Dictionary<string, Item>> ReadProductsAsync(string path, FindingCounter findings, CancellationToken cancellation)
    {
        var catalogue = new Dictionary<string, Item>(StringComparer.Ordinal);
        await using var file = await CsvFile.OpenAsync(path, ["product_id", "package_size", .. Features], cancellation).ConfigureAwait(false);
        while (await file.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var id = file.Required("product_id");
            var features = Features.Select(column => file.Optional(column)).ToArray();
            for (var column = 0; column < features.Length; column++)
            {
                if (features[column].Length == 0)
                {
                    findings.Add($"products without {Features[column]}", $"{file.Name}, line {file.Line}", "kept, the field is empty");
                }
            }

            if (!catalogue.TryAdd(id, new Item(id, DisplayName(features[2], features[1], file.Optional("package_size"), id), features)))
            {
                findings.Add("catalogue rows with an ID that came before", $"{file.Name}, line {file.Line}: product_id {id}", "dropped, the first one counts");
            }
        }

        return catalogue;
    }

    private static async Task<Interaction[]> ReadTransactionsAsync(
        string path, Dictionary<string, int> users, Dictionary<string, int> items, FindingCounter findings, CancellationToken cancellation)
    {
        var interactions = new List<Interaction>();
        await using var file = await CsvFile.OpenAsync(path, ["household_id", "product_id", "quantity", "transaction_timestamp"], cancellation).ConfigureAwait(false);
        while (await file.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var user = file.Required("household_id");
            var item = file.Required("product_id");
            var time = file.Timestamp("transaction_timestamp");
            if (file.Number("quantity") <= 0)
            {
                // A line without a quantity is a coupon or a return: nothing was bought.
                findings.Add("transactions with no positive quantity", $"{file.Name}, line {file.Line}", "dropped, nothing was bought");
                continue;
            }

            interactions.Add(new Interaction(Index(users, user), Index(items, item), time));
        }

        return interactions.Count > 0 ? [.. interactions] : throw new TrainingException($"{path} has no transaction; there is nothing to train on.");
    }

    private static int Index(Dictionary<string, int> indices, string id)
    {
        if (!indices.TryGetValue(id, out var index))
        {
            indices.Add(id, index = indices.Count);
        }

        return index;
    }

    private static string DisplayName(string type, string category, string size, string id)
    {
        var name = type.Length > 0 ? type : category.Length > 0 ? category : $"Product {id}";
        var title = CultureInfo.InvariantCulture.TextInfo.ToTitleCase(name.ToLowerInvariant());
        var unit = string.Join(' ', size.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return unit.Length == 0 ? title : $"{title}, {unit}";
    }
}
