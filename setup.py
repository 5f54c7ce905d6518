"Builds the package `dail` from the metadata in settings.ini."
import re
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages, setup

root = Path(__file__).parent
settings = ConfigParser(interpolation=None)
settings.read(root/'settings.ini', encoding='utf-8')
cfg, extras = settings.defaults(), settings['extras']
toy, shipped = cfg['lib_name'] + '.toymodel', cfg['lib_name'] + '.shipped'

def lines(name):
    "The lines of a setting that has one value per line."
    return cfg[name].strip().splitlines()

def on_pypi(text, repository=cfg['repository']):
    "README for PyPI's page, where links have no folder to start from: they go to the repository, or become plain text."
    image, link = r'(!\[[^\]]*\]\()(?!\w+:|#)([^)\s]+)\)', r'\[([^\]]*)\]\((?!\w+:|#)([^)\s]+)\)'
    text = re.sub(image, rf'\g<1>{repository}/raw/HEAD/\2)' if repository else '', text)
    return re.sub(link, rf'[\1]({repository}/blob/HEAD/\2)' if repository else r'\1', text)

urls = dict(line.split(' = ', 1) for line in lines('urls'))
if cfg['repository']: urls['Source'] = cfg['repository']

setup(
    name=cfg['lib_name'],
    version=cfg['version'],
    description=cfg['description'],
    long_description=on_pypi((root/'README.md').read_text(encoding='utf-8')),
    long_description_content_type='text/markdown',
    keywords=cfg['keywords'].split(),
    author=cfg['author'],
    license_expression=cfg['license'],
    classifiers=lines('classifiers'),
    project_urls=urls,
    python_requires='>=' + cfg['min_python'],
    install_requires=lines('requirements'),
    extras_require={name: extras[name].split() for name in extras if name not in cfg},
    entry_points={'console_scripts': cfg['console_scripts'].split()},
    packages=[*find_packages(include=[cfg['lib_name'], cfg['lib_name'] + '.*']), toy, shipped],
    # the toy world's model travels with the wheel, and so do the small results that notebooks read, see dail.records.project_path
    package_dir={toy: 'data/toyworld/base', shipped: 'data'},
    package_data={toy: ['*'], shipped: ['*.json', *(f'{folder}/*' for folder in ('benchmarks', 'fixtures', 'paper', 'results'))], cfg['lib_name']: ['py.typed']},
)
