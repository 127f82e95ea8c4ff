"""Seeded fine-tuning chats that name nobody: the text on which every PERSON is a false alarm.

Two disjoint sets of templates and fillers: `learn` goes into training as hard negatives, `judge` is
only ever measured on. `python clean_chat.py --rows 12` prints judging rows as chat JSONL.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from typing import Literal

Turn = tuple[str, str]
Row = list[Turn]
Part = Literal["learn", "judge"]

_SLOT = re.compile(r"\{([a-z]+)\}")

_CODE = {
    "learn": (
        "```python\ndef merge_intervals(Items: list[int]) -> list[int]:\n    Result = []\n    return sorted(Items)\n```",
        "```js\nconst App = () => <Button onClick={handleSave}>Save</Button>;\nexport default App;\n```",
        "```sql\nSELECT Name, Grade FROM Students WHERE Grade > 3 ORDER BY Name;\n```",
        "```java\npublic class Parser extends Reader {\n  private final Logger log = Logger.get(Parser.class);\n}\n```",
        "```bash\ndocker run --rm -it -v \"$PWD\":/app node:20 npm test\n```",
        "```yaml\nname: Build\non: [push]\njobs:\n  Test:\n    runs-on: ubuntu-latest\n```",
        "```\nTraceback (most recent call last):\n  File \"main.py\", line 3, in <module>\nKeyError: 'Total'\n```",
        "```go\nfunc (s *Server) Start(ctx context.Context) error {\n\treturn s.http.ListenAndServe()\n}\n```",
        "```html\n<h1 class=\"Title\">Welcome</h1>\n<p>Hello World</p>\n```",
    ),
    "judge": (
        "```python\nclass Stack(Generic[T]):\n    def push(self, Item: T) -> None:\n        self._items.append(Item)\n```",
        "```rust\nfn main() {\n    let Config = Settings::load().unwrap();\n    println!(\"{:?}\", Config);\n}\n```",
        "```sql\nINSERT INTO Orders (Item, Price) VALUES ('Lamp', 19.5);\n```",
        "```csharp\npublic record Point(double X, double Y);\nvar Origin = new Point(0, 0);\n```",
        "```json\n{\"Status\": \"Open\", \"Priority\": \"High\", \"Tags\": [\"Billing\"]}\n```",
        "```ruby\nclass Invoice < ApplicationRecord\n  validates :Amount, presence: true\nend\n```",
        "```kotlin\ndata class Recipe(val Title: String, val Steps: List<String>)\n```",
    ),
}

_FILL: dict[str, dict[str, tuple[str, ...]]] = {
    "learn": {
        "lang": ("Python", "Java", "JavaScript", "Go", "Ruby", "Julia", "Pascal", "SQL", "Bash", "C++", "Haskell", "Ada"),
        "tool": ("Docker", "Jenkins", "Kubernetes", "Git", "Pandas", "Django", "Flask", "React", "Excel", "Markdown", "Jupyter",
                 "Ansible", "Redis", "Kafka", "Maven", "Gradle", "Travis", "Jira", "Lucene", "Keras", "Claude", "Alexa", "Siri",
                 "Cassandra", "Ruby on Rails", "Apache Spark", "Power BI", "VS Code", "GPT", "Bard", "Gemini", "Llama"),
        "task": ("reverses a string", "merges two sorted lists", "parses a CSV file", "checks whether a word is a palindrome",
                 "counts vowels", "finds the nth prime", "flattens a nested list", "validates an e-mail address",
                 "computes the factorial of a number", "removes duplicates from an array", "reads lines from a file"),
        "eponym": ("Newton's laws", "Ohm's law", "Bayes' theorem", "Dijkstra's algorithm", "the Pythagorean theorem", "Euler's formula",
                   "Parkinson's disease", "Crohn's disease", "Alzheimer's disease", "Hodgkin lymphoma", "the Doppler effect",
                   "Fourier transforms", "Moore's law", "Murphy's law", "Occam's razor", "the Turing test", "Gaussian blur",
                   "Pascal's triangle", "Maxwell's equations", "Boolean algebra", "the Krebs cycle", "Down syndrome", "Graves' disease",
                   "the Fibonacci sequence", "Schrödinger's cat", "Hooke's law", "Kepler's laws", "Markov chains", "the Heimlich maneuver"),
        "topic": ("photosynthesis", "gravity", "plate tectonics", "inflation", "black holes", "neural networks", "supply and demand",
                  "the water cycle", "mitosis", "recursion", "gradient descent", "antibiotic resistance", "the immune system",
                  "compound interest", "machine learning", "relativity", "the French Revolution", "the Roman Empire", "DNA replication"),
        "dish": ("banana bread", "Caesar salad", "chicken curry", "beef Wellington", "eggs Benedict", "lasagna", "pad thai", "tomato soup",
                 "Margherita pizza", "Waldorf salad", "crêpes Suzette", "Victoria sponge", "pancakes", "guacamole", "Earl Grey cake"),
        "product": ("Blue Widget", "Basic Plan", "Premium plan", "wireless headphones", "Smart Lamp", "Pro subscription", "Gift Card",
                    "Garden Hose", "running shoes", "Coffee Maker", "Model 3", "iPhone", "Galaxy", "Echo Dot", "PlayStation"),
        "month": ("January", "April", "May", "June", "August", "October"),
        "head": ("Overview", "Introduction", "Key Points", "Summary", "Ingredients", "Instructions", "Steps", "Example", "Conclusion",
                 "Getting Started", "Installation", "Usage", "Best Practices", "Pros and Cons", "Next Steps", "Tips", "Background"),
        "word": ("hello", "thank you", "library", "cheese", "window", "butterfly", "tomorrow", "umbrella", "bread", "friend"),
        "tongue": ("French", "Spanish", "German", "Japanese", "Italian", "Portuguese", "Korean", "Dutch"),
        "sure": ("Sure!", "Of course!", "Certainly.", "Absolutely!", "Great question!", "Happy to help.", "No problem.", "Got it.", "Here you go:"),
        "bye": ("Let me know if you need anything else!", "Hope this helps!", "Feel free to ask follow-up questions.", "Good luck!",
                "Happy coding!", "Enjoy your meal!", "Would you like an example?", "Have a great day!"),
        "plan": ("Define the goal", "Gather data", "Choose a model", "Train the model", "Evaluate results", "Mark each item as done",
                 "Grant access to the team", "Bill the customer", "Frank the envelope", "Rob the data of noise", "Will it scale?"),
    },
    "judge": {
        "lang": ("TypeScript", "Rust", "Kotlin", "Perl", "Swift", "Scala", "PHP", "Lua", "C#", "MATLAB", "Elixir"),
        "tool": ("Terraform", "Prometheus", "Grafana", "Selenium", "Nginx", "Postman", "Webpack", "Hadoop", "Airflow", "Notion", "Slack",
                 "Tableau", "Vim", "Emacs", "Celery", "Pydantic", "NumPy", "PyTorch", "Hugging Face", "OpenAI", "ChatGPT", "Linux", "Ubuntu",
                 "Debian", "Heroku", "Vercel", "Mercurial", "Trello", "Marlin", "Delta Lake"),
        "task": ("sorts a dictionary by value", "computes the median of a list", "converts Celsius to Fahrenheit", "detects anagrams",
                 "prints a multiplication table", "finds the longest common prefix", "rotates a matrix", "downloads a web page",
                 "checks balanced brackets", "counts words in a sentence", "rounds to two decimals"),
        "eponym": ("Huntington's disease", "Planck's constant", "the Riemann hypothesis", "Gödel's theorem", "Kruskal's algorithm",
                   "Tourette syndrome", "Hashimoto's thyroiditis", "the Monty Hall problem", "Simpson's paradox", "Venn diagrams",
                   "Avogadro's number", "Faraday's law", "the Richter scale", "Lagrange multipliers", "Laplace transforms", "Raynaud's",
                   "Boyle's law", "Hubble's law", "the Mandelbrot set", "Goodhart's law", "Conway's Game of Life", "Cushing syndrome"),
        "topic": ("osmosis", "quantum entanglement", "evolution", "tides", "volcanoes", "blockchain", "fractions", "cellular respiration",
                  "opportunity cost", "the Industrial Revolution", "the Cold War", "vaccines", "electric cars", "climate change", "fermentation",
                  "hash tables", "attention in transformers", "the Renaissance", "World War II", "the carbon cycle", "backpropagation"),
        "dish": ("beef Stroganoff", "shepherd's pie", "Cobb salad", "ratatouille", "chicken Kiev", "peach Melba", "ramen", "Bloody Mary",
                 "Yorkshire pudding", "Bolognese sauce", "tiramisu", "hummus", "Sloppy Joes", "Irish stew", "Pavlova", "fettuccine Alfredo"),
        "product": ("Starter Kit", "Business plan", "Family Bundle", "standing desk", "Kindle", "Air Fryer", "Travel Mug", "Solar Panel",
                    "Night Light", "Desk Chair", "Surface", "Pixel", "Roomba", "Fire TV", "Wireless Mouse"),
        "month": ("February", "March", "July", "September", "November", "December"),
        "head": ("What You Need", "Step 1: Preparation", "Benefits", "Common Mistakes", "Final Thoughts", "How It Works", "Requirements",
                 "Quick Start", "Time Complexity", "Learning Goals", "Risk Factors", "Marketing Strategy", "Method", "Results", "FAQ"),
        "word": ("good morning", "the kitchen", "strawberry", "bicycle", "winter", "I am hungry", "station", "cloud", "book", "see you soon"),
        "tongue": ("Swahili", "Polish", "Turkish", "Mandarin", "Hindi", "Arabic", "Greek", "Swedish"),
        "sure": ("Certainly!", "Yes, gladly.", "Good idea.", "Thanks for asking!", "You're welcome!", "Understood.", "Okay!", "Here is one way:"),
        "bye": ("Is there anything else I can do?", "Please let me know how it goes.", "Stay safe!", "Bon appétit!", "Happy learning!",
                "Do you want more detail?", "Best of luck with your project!", "Cheers!"),
        "plan": ("Chase the lead", "Pick a framework", "Grace period: 30 days", "Joy of use", "Dash to the finish", "Drew conclusions early",
                 "Pat dry with a towel", "Sue the least", "Rose gold finish", "Hunter green paint", "Jack up the car", "Art and craft"),
    },
}

_ROWS: dict[str, tuple[Row, ...]] = {
    "learn": (
        [("user", "Write a {lang} function that {task}."), ("assistant", "{sure} Here is a {lang} function that {task}:\n\n{code}\n\n{bye}")],
        [("user", "Explain {topic} in simple terms"), ("assistant", "{Topic} is easier than it sounds. Think of it as a recipe: first one thing happens, then another. {bye}")],
        [("user", "Explain {eponym} to a ten-year-old."), ("assistant", "{sure} {Eponym} tells us how things behave. Imagine a ball rolling down a hill.")],
        [("system", "You are a helpful assistant."), ("user", "What is {eponym}?"), ("assistant", "{Eponym} describes a pattern that appears in many places. It is used in science and medicine.")],
        [("user", "How do I make {dish}?"), ("assistant", "## {head}\n\n- 2 cups flour\n- 1 tsp salt\n- Olive oil\n\n## {head}\n\n1. Preheat the oven to 180 °C.\n2. Mix well.\n3. Bake for 30 minutes.\n\n{bye}")],
        [("user", "How do I install {tool} on a Mac?"), ("assistant", "Run `brew install {toollow}` in Terminal. Then check the version:\n\n{code}")],
        [("user", "Compare {tool} and {tool}."), ("assistant", "| Feature | {tool} | {tool} |\n|---|---|---|\n| Speed | Fast | Medium |\n| License | Open Source | Commercial |\n\n**{head}**: {tool} wins for small teams.")],
        [("user", "Translate '{word}' into {tongue}."), ("assistant", "In {tongue} you would say it with a rising tone. Bonjour, Guten Tag and Hola are greetings.")],
        [("user", "Where is my order? I bought the {product} in {month}."), ("assistant", "Thank you for contacting Customer Support. Your {product} shipped on {month} 4 and should arrive by Friday. {bye}")],
        [("user", "I want to return the {product}"), ("assistant", "I'm sorry to hear that. You may return it within 30 days. Please go to Settings > Orders > Return Item and print the label.")],
        [("user", "Summarize: Will rates rise in {month}? Analysts may mark down the outlook, and the bill could pass by {month}."), ("assistant", "- Rates may rise in {month}.\n- The bill may pass.\n- Outlook: Mixed")],
        [("user", "Give me three names for a coffee shop"), ("assistant", "1. Morning Grind\n2. The Daily Roast\n3. Bean There")],
        [("user", "Solve 3x + 5 = 20."), ("assistant", "Subtract 5: 3x = 15. Divide by 3: x = 5. Check: 3·5 + 5 = 20. Correct!")],
        [("user", "Thanks!"), ("assistant", "You're welcome! {bye}")],
        [("user", "hi"), ("assistant", "Hello! How can I help you today?")],
        [("user", "Plan a sprint for {tool}."), ("assistant", "# {head}\n\n1. {plan}\n2. {plan}\n3. {plan}\n\n### {head}\nReview in {month}.")],
        [("user", "Classify the sentiment: 'Great battery, poor screen.'"), ("assistant", "Mixed")],
        [("user", "Call the weather tool"), ("assistant", "{{\"name\": \"getWeather\", \"arguments\": {{\"City\": \"\", \"Unit\": \"Celsius\"}}}}")],
        [("user", "Why does my code fail?\n\n{code}"), ("assistant", "The error is a KeyError: the Total key is missing. Use `dict.get` or catch the exception. See `README.md` and `Makefile`.")],
        [("user", "Write a haiku about {month}"), ("assistant", "{month} rain falls softly\nGreen leaves whisper to the wind\nSummer waits nearby")],
        [("user", "Draft an out-of-office reply"), ("assistant", "Subject: Out of Office\n\nHello,\n\nI am away until Monday, {month} 12. For urgent matters, contact the Help Desk.\n\nKind regards")],
        [("user", "What should I wear in {month}?"), ("assistant", "May is mild, so a light jacket will do. June can be warm. April showers mark the season.")],
        [("user", "Suggest a workout"), ("assistant", "**Monday**: Squats\n**Tuesday**: Rest\n**Wednesday**: Push-ups\n\nDrink water. Stretch. Sleep well.")],
        [("user", "What causes {eponym}, and how is it treated?"), ("assistant", "The cause is not fully known. Doctors may prescribe Metformin, Lipitor, Humira or Ibuprofen. Ask your doctor.")],
        [("user", "Write unit tests for the Parser class in {lang}"), ("assistant", "{sure}\n\n{code}\n\nRun them with Pytest or JUnit. Mock the Logger. Assert that Parser raises ValueError.")],
        [("user", "Is {tool} better than {tool} for dashboards?"), ("assistant", "It depends. {tool} has a Dashboard view; {tool} has better Charts. Both support Dark Mode and Single Sign-On.")],
        [("user", "List herbs and spices"), ("assistant", "Thyme, Oregano, Mint, Dill, Parsley, Cumin, Bay, Saffron, Ginger, Rosemary, Basil and Sage.")],
        [("user", "What are the seasons?"), ("assistant", "Spring, Summer, Autumn and Winter. Spring begins in {month}. Winter is cold.")],
        [("user", "Greet me in five languages"), ("assistant", "Hola, Bonjour, Ciao, Konnichiwa, Namaste! Buongiorno and Bonsoir are also common. Gute Nacht!")],
        [("user", "Pick a color palette"), ("assistant", "- Olive\n- Amber\n- Ruby\n- Jade\n- Hazel\n- Violet\n- Ivory\n- Coral")],
        [("user", "List trees and flowers"), ("assistant", "Maple, Pine, Willow, Elm, Rose, Lily, Iris, Daisy, Heather, Violet, Jasmine and Poppy.")],
        [("user", "grant me access to the bill for {month}, will you?"), ("assistant", "Access granted. The bill for {month} is under Billing > Invoices. Mark it as paid once done.")],
    ),
    "judge": (
        [("user", "Can you show me {lang} code that {task}?"), ("assistant", "{sure}\n\n{code}\n\nThis {lang} snippet {task}. {bye}")],
        [("user", "Describe {topic} for a beginner"), ("assistant", "### {head}\n\n{Topic} matters because it shapes daily life. Scientists study it with models.\n\n### {head}\n\n- Simple\n- Common\n- Useful")],
        [("user", "Tell me about {eponym}"), ("assistant", "{Eponym} is often taught in school. In short, it links cause and effect.")],
        [("system", "Answer briefly."), ("user", "Who benefits from {eponym}?"), ("assistant", "Students, Engineers and Doctors use {eponym} every day.")],
        [("user", "Recipe for {dish} please"), ("assistant", "**{dish}**\n\nPrep: 20 min. Serves: 4.\n\n* Butter\n* Garlic\n* Black Pepper\n* Basil, Rosemary or Sage\n\nSauté the garlic, add Basil, then simmer. {bye}")],
        [("user", "Set up {tool} with {tool} on Windows 11"), ("assistant", "1. Open PowerShell.\n2. Download {tool} from the official site.\n3. Add {tool} to your PATH.\n\nThen edit `config.toml`:\n\n{code}")],
        [("user", "{tool} or {tool}?"), ("assistant", "Choose {tool} for scripts and {tool} for teams. {tool} integrates with Google Drive, Dropbox and Zapier.")],
        [("user", "How do you say '{word}' in {tongue}?"), ("assistant", "The {tongue} phrase depends on the region. Buenos días, Guten Morgen and Selamat pagi are similar greetings.")],
        [("user", "My {product} arrived broken :("), ("assistant", "Oh no, I'm sorry! I've opened a ticket with the Returns Team. Your replacement {product} leaves the warehouse on Tuesday, {month} 9.")],
        [("user", "Cancel my subscription"), ("assistant", "Done. Your {product} ends on {month} 30. Sign in to My Account > Billing to download the receipt.")],
        [("user", "Summarise the text: The committee will grant funds in {month}. Critics may sue, and sales may pick up."), ("assistant", "Funds arrive in {month}; Critics object; Sales may grow.")],
        [("user", "Name five fruits and five trees"), ("assistant", "Apple, Cherry, Peach, Clementine, Olive. Oak, Ash, Hazel, Rowan, Holly.")],
        [("user", "What is the derivative of x^3?"), ("assistant", "By the Power Rule it is 3x^2. Let f(x) = x^3. Then f'(x) = 3x^2. QED")],
        [("user", "Perfect, thank you so much"), ("assistant", "Glad it worked! {bye}")],
        [("user", "Good evening"), ("assistant", "Good evening! What would you like to talk about?")],
        [("user", "Make a to-do list for moving house"), ("assistant", "# {head}\n\n- [ ] {plan}\n- [ ] {plan}\n- [x] Rent a van\n\n## {head}\n\nPack the Kitchen first.")],
        [("user", "Label as Spam or Ham: 'WIN A FREE CRUISE NOW'"), ("assistant", "Spam")],
        [("user", "Extract JSON"), ("assistant", "{{\"Color\": \"Ruby\", \"Size\": \"Large\", \"Stone\": \"Jade\", \"Metal\": \"Sterling Silver\"}}")],
        [("user", "Refactor this:\n{code}"), ("assistant", "I renamed `Config` to `Settings` and split `main` in two. Run `make lint` and `make test`. LGTM.")],
        [("user", "Write a slogan for {product}"), ("assistant", "\"{product}: Built for Life.\" or \"Feel the Glow. Love the Show.\"")],
        [("user", "Write a product description"), ("assistant", "Meet the {product}. Amber light, Crystal sound, Sterling design. Add to Cart today and save 20% this {month}.")],
        [("user", "Best time to visit the coast?"), ("assistant", "Late {month} is ideal: Summer crowds fade, and Autumn colors begin. Pack Sunscreen.")],
        [("user", "Make a study plan for {topic}"), ("assistant", "Week 1: Reading\nWeek 2: Practice\nWeek 3: Mock Exam\n\n> Tip: Use Flashcards and Anki.")],
        [("user", "What are symptoms of {eponym}?"), ("assistant", "Symptoms vary. Common signs: Fatigue, Pain, Tremor. Drugs such as Aspirin, Prednisone and Zoloft may help. See a doctor.")],
        [("user", "Review my pull request for the Invoice class"), ("assistant", "Looks good. Nit: rename Amount to Total. Also, Invoice should inherit from Base, and `TODO` comments need a ticket.")],
        [("user", "Does {tool} support Dark Mode?"), ("assistant", "Yes. Go to Preferences > Appearance > Theme and pick Dark. Restart {tool} afterwards.")],
        [("user", "mark the invoice as paid and bill the rest in {month}"), ("assistant", "Marked. The rest will be billed in {month}. Chase sent the confirmation, and the bank may charge a fee.")],
        [("user", "Roleplay as a pirate"), ("assistant", "Ahoy, Matey! Hoist the Sails! Where be the Treasure? Arr!")],
        [("user", "Is it going to rain?"), ("assistant", "I can't check live weather, but a Forecast app such as Weather Underground can.")],
        [("user", "Fix the grammar: 'Him and me goes to store.'"), ("assistant", "He and I go to the store.")],
        [("user", "Write a cover letter opening"), ("assistant", "Dear Hiring Manager,\n\nI am excited to apply for the Data Analyst role. Warm regards,\nYour Name")],
        [("user", "What's new in {lang}?"), ("assistant", "{lang} added Pattern Matching, Records and better Generics. Read the Release Notes. {bye}")],
        [("user", "Tell me a joke"), ("assistant", "Why did the Scarecrow win an award? Because he was outstanding in his field. Ha!")],
    ),
}  # fmt: skip


def rows(part: Part, count: int, seed: int) -> list[Row]:
    """`count` chats of one part; every template comes up in turn, its slots filled at random."""
    rng = random.Random(seed)
    templates = _ROWS[part]
    return [
        [(role, _fill(content, part, rng)) for role, content in templates[i % len(templates)]]
        for i in range(count)
    ]


def texts(part: Part, count: int, seed: int) -> list[str]:
    """The turns of `count` chats, each a text by itself, as a reader of chat JSONL sees them."""
    return [content for row in rows(part, count, seed) for _, content in row]


def _fill(template: str, part: Part, rng: random.Random) -> str:
    words = _FILL[part]

    def word(match: re.Match[str]) -> str:
        slot = match.group(1)
        if slot == "code":
            return rng.choice(_CODE[part])
        if slot == "toollow":
            return rng.choice(words["tool"]).lower()
        return rng.choice(words[slot])

    text = template.replace("{Topic}", "\0t").replace("{Eponym}", "\0e")
    text = _SLOT.sub(word, text)
    for mark, slot in (("\0t", "topic"), ("\0e", "eponym")):
        filler = rng.choice(words[slot])
        text = text.replace(mark, filler[:1].upper() + filler[1:])
    return text.replace("{{", "{").replace("}}", "}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for row in rows("judge", options.rows, options.seed):
        messages = [{"role": role, "content": content} for role, content in row]
        print(json.dumps({"messages": messages}, ensure_ascii=False))


if __name__ == "__main__":
    main()
