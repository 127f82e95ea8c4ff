"""Names of many origins: Faker's locale tables (MIT), romanised, and a few lists of our own.

Faker writes many locales in their own script only. English texts carry such names romanised, so
Cyrillic, Greek, Georgian and Armenian are transliterated by table here; for scripts where a table
cannot restore the vowels (Arabic, Hebrew, Persian) or the reading (Chinese, Japanese, Korean, Thai,
Indic), lists of common romanised names stand in.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
import unicodedata
from dataclasses import dataclass

_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґѓќјљњџћђѕ",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya i yi ye g gj kj "
        "j lj nj dz c dj dz".split(),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(),
        strict=True,
    )
)
_GEORGIAN = dict(
    zip(
        "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
        "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h".split(),
        strict=True,
    )
)
_ARMENIAN = dict(
    zip(
        "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
        "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f ev"
        "".split(),
        strict=True,
    )
)
_TABLE = {**_CYRILLIC, **_GREEK, **_GEORGIAN, **_ARMENIAN, "-": "-"}

# Common romanised names where Faker has none: (given names, surnames), by origin.
_OWN: dict[str, tuple[str, str]] = {
    "chinese": (
        "Wei Fang Lei Min Jing Xiuying Li Qiang Juan Yong Jie Yan Jun Na Xia Hui Ling Ting Xin Yu "
        "Mei Hong Chao Peng Bo Tao Hao Yang Xiaoming Xiaoyan Jianguo Zhiyuan Yuxuan Haoran Zihan "
        "Meiling Guowei Shuang Qing Rong Zhen Dong Bin Kai Xue Lan Yue Yixin Jiahui Mingyu Weiming "
        "Lihua Ruolan Sijia Zixuan Hanwen Yichen Tianyu Chenxi Guoqiang Shufen",
        "Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Hu Zhu Gao Lin He Guo Ma Luo Liang "
        "Song Zheng Xie Han Tang Feng Yu Dong Xiao Cheng Cao Yuan Deng Xu Fu Shen Zeng Peng Lu Su "
        "Jiang Cai Jia Ding Wei Xue Ye Yan Pan Du Dai Xia Zhong Tian Ren Fan Fang Shi Yao Tan Liao "
        "Zou Xiong Jin Hao Kong Bai Cui Kang Mao Qiu Qin Gu Hou Shao Meng Long Wan Duan Qian Yin",
    ),
    "korean": (
        "Min-jun Seo-yeon Ji-woo Ha-eun Joon-ho Eun-ji Sung-min Hye-jin Minji Jiwon Hyun-woo Soo-jin "
        "Young-ho Mi-sook Jae-won Yuna Dong-hyun Kyung-hee Sang-woo Yeji Taehyung Jimin Seojun "
        "Haneul Bora Chaewon Daehyun Eunbi Gyeong-su Hyejin Jinyoung Kwang-soo Myung-hee Nari",
        "Kim Lee Park Choi Jung Jeong Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song "
        "Yoo Hong Jeon Ko Moon Son Yang Bae Baek Heo Nam Noh Ryu Shim Kwak Sung Cha Joo Woo Koo Min",
    ),
    "arabic": (
        "Mohammed Muhammad Ahmed Ali Omar Hassan Hussein Khalid Youssef Ibrahim Abdullah Mustafa "
        "Karim Tariq Samir Nabil Rami Ziad Faisal Salman Fatima Aisha Zainab Layla Maryam Noor Huda "
        "Rania Amina Salma Yasmin Nadia Hanan Samira Khadija Dalia Lina Reem Sara Abdulrahman Bilal "
        "Anwar Jamal Mahmoud Walid Hamza Idris Latifa Mona Nawal Qasim Rashid Safiya Sami Thabit",
        "Al-Masri Haddad Khoury Mansour Nasser Al-Rashid Al-Sayed Hamdan Saleh Aziz Farouk Hijazi "
        "Darwish Shaheen Al-Zahrani Al-Ghamdi Al-Harbi Bin-Laden Abbas Jaber Rahman Sultan Qureshi "
        "El-Amin El-Sayed Benali Bouazizi Ben-Youssef Tahir Zaki Habib Hakim Issa Kassem Najjar "
        "Obeid Othman Saad Salem Sharif Suleiman Taha Younis Zidan Abu-Bakr Abdel-Rahman Amrani",
    ),
    "persian": (
        "Reza Mehdi Amir Hossein Farhad Dariush Kourosh Bahram Arash Babak Shirin Leila Parisa "
        "Nasrin Mahsa Azadeh Golnaz Roya Soraya Zahra Maryam Niloufar Shahram Siavash Kaveh Ramin",
        "Ahmadi Hosseini Mohammadi Rezaei Karimi Jafari Moradi Rahimi Ebrahimi Sharifi Tehrani "
        "Shirazi Esfahani Kazemi Farahani Ghorbani Nazari Bagheri Mousavi Pahlavi Golestani",
    ),
    "hebrew": (
        "Noa Avi Yael Moshe Shira Eitan Tamar Yosef Rivka Ori Talia Itai Gal Hadar Lior Maya Nir "
        "Omer Roni Shlomo Tzipora Uri Yonatan Ziv Chaim Dov Efrat Gideon Menachem Naftali",
        "Cohen Levi Mizrahi Peretz Biton Dahan Avraham Friedman Azoulay Katz Malka Amar Hadad "
        "Ben-David Shapira Goldberg Rosenberg Ohana Segal Golan Barak Yosef Ben-Ami Shalom Harel",
    ),
    "indian": (
        "Priya Ravi Anil Sunita Rajesh Pooja Amit Neha Vikram Lakshmi Suresh Deepa Arjun Kavita "
        "Sanjay Meera Rahul Anjali Karthik Divya Ramesh Shreya Manoj Nisha Gopal Padma Venkatesh "
        "Aishwarya Harpreet Gurpreet Manpreet Balwinder Jaswinder Ishaan Aarav Vivaan Saanvi Anaya "
        "Rohan Kiran Swati Sneha Ashok Mukesh Usha Geeta Savitri Bhavna Chandra Dinesh Farhan",
        "Raman Sharma Patel Gupta Singh Kumar Reddy Nair Iyer Menon Rao Das Banerjee Chatterjee "
        "Mukherjee Ghosh Bose Sen Desai Shah Mehta Joshi Kulkarni Patil Deshmukh Pillai Verma Mishra "
        "Pandey Tiwari Yadav Chaudhary Agarwal Kapoor Khanna Malhotra Bhatt Trivedi Naidu Krishnan "
        "Subramanian Venkataraman Iyengar Kaur Gill Sandhu Dhillon Grewal Sidhu Fernandes D'Souza",
    ),
    "thai_viet_filipino": (
        "Somchai Somsak Siriporn Malee Niran Kanya Anong Chai Preecha Thaksin Nguyet Huong Thanh "
        "Minh Tuan Linh Duc Phuong Quang Trang Hieu Hoa Lan Mai Nhung Binh Dung Jose Maria Rosario "
        "Juanito Ligaya Bayani Dalisay Marisol Rodrigo Imelda Corazon Crisanto Althea Jomar",
        "Nguyen Tran Le Pham Hoang Huynh Phan Vu Vo Dang Bui Do Ho Ngo Duong Ly Srisai Chaiyaporn "
        "Wongsawat Suksan Charoen Rattanakosin Santos Reyes Cruz Bautista Ocampo Garcia Mendoza "
        "Torres Villanueva Aquino Dimaculangan Macaraeg Magsaysay Pangilinan Salonga Tolentino",
    ),
    "african": (
        "Chinedu Ngozi Chukwuemeka Adaeze Oluwaseun Folasade Babatunde Kwame Ama Kofi Akua Yaw Abena "
        "Thabo Sipho Nomsa Lindiwe Themba Zanele Bongani Tendai Farai Rudo Tinashe Chipo Juma Amani "
        "Wanjiku Njoroge Otieno Achieng Kamau Mwangi Abebe Tigist Haile Selam Dawit Hanna Fatou "
        "Mamadou Aissatou Ousmane Ibrahima Moussa Binta Sekou Awa Jean-Baptiste Mutombo",
        "Okafor Adeyemi Okonkwo Eze Nwosu Balogun Ogunbanjo Mensah Owusu Boateng Asante Osei Nkrumah "
        "Dlamini Nkosi Khumalo Ndlovu Mokoena Zulu Moyo Ncube Chikwanha Mutasa Odhiambo Kipchoge "
        "Wambui Mutua Kenyatta Tesfaye Bekele Gebre Alemu Diallo Diop Traore Coulibaly Keita Toure "
        "Sow Ndiaye Cisse Kone Camara Sesay Kamara Conteh Banda Phiri Mwale Tembo Abubakar Bello",
    ),
    "japanese": (
        "Haruto Sakura Yuki Hiroshi Kenji Takashi Akiko Yoko Naoko Satoshi Daisuke Ayumi Emi Kaori "
        "Makoto Megumi Ryo Shota Tomoko Yumi Hana Ren Sota Mei Aoi Kaito Hinata Kazuo Masako Noriko",
        "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada "
        "Sasaki Yamaguchi Matsumoto Inoue Kimura Hayashi Shimizu Yamazaki Mori Abe Ikeda Hashimoto "
        "Ishikawa Ogawa Okada Fujita Goto Hasegawa Murakami Kondo Ishii Saito Sakamoto Endo Aoki",
    ),
    "oceania_indigenous": (
        "Hone Aroha Tane Mere Wiremu Kiri Manaaki Ngaire Rangi Tui Siosaia Sione Mele Viliami Ana "
        "Tavita Losa Kalani Leilani Keoni Makana Nalani Kaimana Atsa Nizhoni Aiyana Takoda Chayton",
        "Parata Ngata Tamihere Tawhiri Walker Paki Tuilagi Folau Vunipola Faleolo Tuimoala Kahale "
        "Kealoha Kamaka Begay Yazzie Tsosie Benally Nez Blackhorse Two-Rivers Running-Deer Lonewolf",
    ),
    "black_american_white_american_given": (
        "Shaniqua Lakisha DeShawn Jamal Tyrone Latoya Keisha Darnell Ebony Tanisha Malik Imani Aaliyah "
        "Jermaine Tamika Kareem Precious Diamond Marquis Terrell Emily Greg Allison Brett Meredith "
        "Todd Kristen Jay Laurie Neil Carrie Brendan Jill Matthew Anne Geoffrey Brad Heather",
        "Washington Jefferson Booker Banks Gaines Mosley Rivers Jackson Baker Kelly Walsh Murphy "
        "Sullivan Ryan McCarthy Baker Schwartz Becker Olson Larson Nguyen Hernandez Gonzalez Smith",
    ),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The given names and surnames of one locale."""

    name: str
    given: tuple[str, ...]
    surnames: tuple[str, ...]


def romanise(name: str) -> str | None:
    """A name in Latin letters, or None where no letter table of ours can write it."""
    if all(_is_latin(c) for c in name):
        return name
    bare = "".join(
        c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c)
    )
    # й and ї fall apart under NFD into и and і, which reads well enough in Latin letters
    letters = [_TABLE.get(c) for c in bare]
    if any(c is None for c in letters):
        return None
    word = "".join(c for c in letters if c and c != "-")
    return word[:1].upper() + word[1:]


def _is_latin(char: str) -> bool:
    return not char.isalpha() or unicodedata.name(char, "").startswith("LATIN")


def origins() -> list[Origin]:
    """Every origin with names in Latin letters, sorted, so that a seed means the same anywhere."""
    from faker.providers import person

    found = []
    for module in sorted(pkgutil.iter_modules(person.__path__), key=lambda m: m.name):
        if not module.ispkg:
            continue
        provider = importlib.import_module(f"{person.__name__}.{module.name}").Provider
        given, surnames = _names(provider, "first"), _names(provider, "last")
        if given and surnames:
            found.append(Origin(module.name, given, surnames))
    for name, (given_words, surname_words) in sorted(_OWN.items()):
        found.append(Origin(name, tuple(given_words.split()), tuple(surname_words.split())))
    return found


def native_names() -> list[Origin]:
    """Faker's origins again, their names in their own scripts."""
    from faker.providers import person

    found = []
    for module in sorted(pkgutil.iter_modules(person.__path__), key=lambda m: m.name):
        if module.ispkg:
            provider = importlib.import_module(f"{person.__name__}.{module.name}").Provider
            given, surnames = _listed(provider, "first"), _listed(provider, "last")
            found.append(Origin(module.name, tuple(sorted(given)), tuple(sorted(surnames))))
    return found


def _names(provider: type, kind: str) -> tuple[str, ...]:
    romanised = {romanise(n) for n in _listed(provider, kind)}
    return tuple(sorted(n for n in romanised if n))


def _listed(provider: type, kind: str) -> set[str]:
    names: set[str] = set()
    for attribute, value in vars(provider).items():
        if kind in attribute and "format" not in attribute and isinstance(value, tuple | list | dict):
            names.update(n for n in map(str, value) if _is_name(n))
    return names


def _is_name(word: str) -> bool:
    return 1 < len(word) <= 24 and "{" not in word and not any(c.isdigit() for c in word)


class NamePool:
    """Draws names; one origin per person, all origins alike likely."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._origins = origins()

    def given(self) -> str:
        """A given name."""
        return self._rng.choice(self._rng.choice(self._origins).given)

    def surname(self) -> str:
        """A surname, in one case out of twelve a double one."""
        names = self._rng.choice(self._origins).surnames
        if self._rng.random() < 1 / 12:
            return f"{self._rng.choice(names)}-{self._rng.choice(names)}"
        return self._rng.choice(names)

    def person(self) -> str:
        """A whole name the way people write it: "Ana Lima", "Lima, Ana", "A. Lima", "Ana B. Lima"."""
        origin = self._rng.choice(self._origins)
        given, surname = self._rng.choice(origin.given), self._rng.choice(origin.surnames)
        initial = self._rng.choice("ABCDEFGHJKLMNPRSTVW")
        roll = self._rng.random()
        if roll < 0.58:
            return f"{given} {surname}"
        if roll < 0.68:
            return f"{given} {initial}. {surname}"
        if roll < 0.76:
            return f"{surname}, {given}"
        if roll < 0.81:
            return f"{given[0]}. {surname}"
        if roll < 0.84:
            return f"{given} {surname[0]}."
        if roll < 0.87:
            return f"{surname}, {given} {initial}."
        if roll < 0.92:
            return f"{given} {self._rng.choice(origin.given)} {surname}"
        if roll < 0.96:  # people of two origins
            return f"{given} {self.surname()}"
        return f"{surname} {given}"

    def like(self, old: str) -> str:
        """A name of the same number of words as `old`, which it stands in for."""
        words = old.split()
        if len(words) == 1:
            return self.given() if self._rng.random() < 0.65 else self.surname()
        if len(words[0].rstrip(".")) == 1:
            return f"{self._rng.choice('ABCDEFGHJKLMNPRSTVW')}. {self.surname()}"
        return self.person()
