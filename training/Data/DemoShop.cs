using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Reco.Training.Data;

/// <summary>The project's own small shop, made from a seed: no real person or purchase stands behind it. Customers favour
/// a few categories and brands, come back to what they bought, and a few items sell far more than the rest.</summary>
internal static class DemoShop
{
    private const int Customers = 600;
    private const int Days = 180;
    private const int Seed = 20_260_101;
    private static readonly DateTimeOffset Start = new(2025, 7, 1, 8, 0, 0, TimeSpan.Zero);

    private static readonly (string Category, string[] Types)[] Catalogue =
    [
        ("Bakery", ["Sourdough Loaf", "Rye Bread", "Butter Croissant", "Bagels", "Cinnamon Rolls"]),
        ("Dairy", ["Whole Milk", "Oat Drink", "Greek Yogurt", "Cheddar", "Salted Butter", "Eggs"]),
        ("Produce", ["Bananas", "Apples", "Avocados", "Tomatoes", "Spinach", "Carrots", "Lemons"]),
        ("Coffee and Tea", ["Espresso Beans", "Filter Coffee", "Green Tea", "Earl Grey", "Cocoa"]),
        ("Pantry", ["Spaghetti", "Basmati Rice", "Olive Oil", "Chickpeas", "Peanut Butter", "Honey"]),
        ("Snacks", ["Dark Chocolate", "Salted Crisps", "Roasted Almonds", "Oat Cookies", "Popcorn"]),
        ("Household", ["Dish Soap", "Laundry Detergent", "Paper Towels", "Bin Bags", "Sponges"]),
        ("Baby", ["Nappies", "Wet Wipes", "Apple Puree", "Baby Shampoo"]),
        ("Pets", ["Cat Food", "Dog Treats", "Cat Litter", "Dog Food"]),
        ("Drinks", ["Sparkling Water", "Orange Juice", "Ginger Ale", "Cola", "Craft Lager"]),
        ("Frozen", ["Margherita Pizza", "Vanilla Ice Cream", "Garden Peas", "Fish Fillets"]),
        ("Care", ["Toothpaste", "Hand Soap", "Shampoo", "Sun Cream"]),
    ];

    private static readonly string[] Brands = ["Alder", "Birch", "Cedar", "Dune", "Ember", "Fjord"];
    private static readonly string[] Sizes = ["small", "family", "large"];

    /// <summary>Makes the shop; the same one each time.</summary>
    /// <param name="customers">Number of customers.</param>
    public static Shop Make(int customers = Customers)
    {
        var random = new Random(Seed);
        var items = MakeItems();
        var popularity = items.Select(_ => Math.Pow(1 - random.NextDouble(), -0.8)).ToArray();
        var interactions = new List<Interaction>();
        for (var customer = 0; customer < customers; customer++)
        {
            Shopping(customer, items, popularity, random, interactions);
        }

        var ordered = interactions.OrderBy(entry => entry.Time).ThenBy(entry => entry.User).ThenBy(entry => entry.Item).ToArray();
        return new Shop
        {
            Name = "demo",
            Hash = Hash(ordered),
            Users = [.. Enumerable.Range(1, customers).Select(customer => customer.ToString(CultureInfo.InvariantCulture))],
            Items = items,
            FeatureNames = ["category", "type", "brand"],
            Interactions = ordered,
            Findings = [],
        };
    }

    /// <summary>Writes the shop as files that <see cref="CompleteJourneyLoader"/> reads.</summary>
    public static async Task WriteAsync(Shop shop, string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var products = new StringBuilder("product_id,manufacturer_id,department,brand,product_category,product_type,package_size\n");
        foreach (var item in shop.Items)
        {
            products.Append(CultureInfo.InvariantCulture, $"{item.Id},{item.Features[2]},{item.Features[0]},{item.Features[2]},{item.Features[0]},{item.Name.Replace(',', ' ')},\n");
        }

        var transactions = new StringBuilder("household_id,product_id,quantity,transaction_timestamp\n");
        foreach (var (user, item, time) in shop.Interactions)
        {
            transactions.Append(CultureInfo.InvariantCulture, $"{shop.Users[user]},{shop.Items[item].Id},1,{DateTimeOffset.FromUnixTimeSeconds(time):yyyy-MM-ddTHH:mm:ssZ}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "products.csv"), products.ToString(), cancellation).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(folder, "transactions.csv"), transactions.ToString(), cancellation).ConfigureAwait(false);
    }

    private static List<Item> MakeItems()
    {
        var items = new List<Item>();
        foreach (var (category, types) in Catalogue)
        {
            foreach (var type in types)
            {
                for (var variant = 0; variant < 6; variant++)
                {
                    var brand = Brands[(variant + type.Length) % Brands.Length];
                    items.Add(new Item($"sku-{items.Count + 1:D4}", $"{brand} {type}, {Sizes[variant % Sizes.Length]}", [category, type, brand]));
                }
            }
        }

        return items;
    }

    private static void Shopping(int customer, List<Item> items, double[] popularity, Random random, List<Interaction> interactions)
    {
        var favourites = Enumerable.Range(0, 3).Select(_ => Catalogue[random.Next(Catalogue.Length)].Category).ToHashSet();
        var brand = Brands[random.Next(Brands.Length)];
        var weights = items.Select((item, index) => popularity[index] * (favourites.Contains(item.Features[0]) ? 8 : 1) * (item.Features[2] == brand ? 3 : 1)).ToArray();
        var total = weights.Sum();
        var bought = new List<int>();
        for (var time = random.NextDouble() * 14; time < Days; time += 3 + (random.NextDouble() * 14))
        {
            var when = Start.AddDays(time).ToUnixTimeSeconds();
            var basket = new HashSet<int>();
            for (var line = random.Next(1, 6); line > 0; line--)
            {
                basket.Add(bought.Count > 0 && random.NextDouble() < 0.4 ? bought[random.Next(bought.Count)] : Draw(weights, total, random));
            }

            foreach (var item in basket)
            {
                interactions.Add(new Interaction(customer, item, when));
                bought.Add(item);
            }
        }
    }

    private static int Draw(double[] weights, double total, Random random)
    {
        var left = random.NextDouble() * total;
        for (var index = 0; index < weights.Length - 1; index++)
        {
            left -= weights[index];
            if (left <= 0)
            {
                return index;
            }
        }

        return weights.Length - 1;
    }

    private static string Hash(Interaction[] interactions)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (user, item, time) in interactions)
        {
            hash.AppendData(BitConverter.GetBytes(user));
            hash.AppendData(BitConverter.GetBytes(item));
            hash.AppendData(BitConverter.GetBytes(time));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
